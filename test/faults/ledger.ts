import { createHash } from 'node:crypto';

/** What the fault server knows of one request. Times are milliseconds since the server started. */
export interface LedgerEntry {
  readonly number: number;
  readonly mode: string;
  readonly method: string;
  readonly path: string;
  /** Which connection it came over, and as which request on it. */
  readonly connection: number;
  readonly onConnection: number;
  readonly arrivedAt: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
  readonly bodySha256: string;
  sentBytes: number;
  /** `aborted`: the peer closed before everything was sent. */
  state: 'running' | 'finished' | 'aborted';
  endedAt: number | undefined;
  /** When the peer closed its side, if it was the first to do so. */
  peerClosedAt: number | undefined;
}

export class Ledger {
  readonly entries: LedgerEntry[] = [];
  connections = 0;
  openConnections = 0;
  private readonly startedAt = performance.now();
  private numbers = 0;

  now(): number {
    return Math.round((performance.now() - this.startedAt) * 10) / 10;
  }

  add(request: Pick<LedgerEntry, 'mode' | 'method' | 'path' | 'connection' | 'onConnection' | 'headers'>, body: Buffer): LedgerEntry {
    const entry: LedgerEntry = {
      number: ++this.numbers,
      ...request,
      arrivedAt: this.now(),
      bodyBytes: body.length,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      sentBytes: 0,
      state: 'running',
      endedAt: undefined,
      peerClosedAt: undefined,
    };
    this.entries.push(entry);
    if (this.entries.length > ENTRIES_MAX) this.entries.shift();
    return entry;
  }

  of(mode: string): LedgerEntry[] {
    return this.entries.filter((entry) => entry.mode === mode);
  }

  clear(): void {
    this.entries.length = 0;
  }
}

const ENTRIES_MAX = 100_000;
