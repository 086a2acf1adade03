import type { Socket } from 'node:net';
import type { Ledger, LedgerEntry } from './ledger.js';
import type { WireRequest } from './request-reader.js';

/** One request at the fault server, and the means to answer it well or badly. Everything it starts ends with the connection. */
export class FaultCall {
  private readonly timers = new Set<NodeJS.Timeout>();
  /** Another request came over the same connection. */
  isFollowed = false;
  private readonly json: Readonly<Record<string, unknown>>;

  constructor(
    readonly request: WireRequest,
    /** What followed the mode's name, comma by comma. */
    readonly args: readonly string[],
    /** How many calls of this mode came before. */
    readonly before: number,
    readonly entry: LedgerEntry,
    private readonly socket: Socket,
    private readonly ledger: Ledger,
  ) {
    this.json = parsed(request.body);
  }

  /** The connection closed, whoever closed it. */
  gone(): void {
    this.ended('aborted');
    for (const timer of this.timers) clearTimeout(timer);
  }

  get streams(): boolean {
    return this.json['stream'] === true;
  }

  get model(): string {
    return typeof this.json['model'] === 'string' ? this.json['model'] : 'model';
  }

  /** Who spoke last in the conversation. */
  get lastRole(): unknown {
    const { messages } = this.json;
    const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
    return typeof last === 'object' && last !== null && 'role' in last ? last.role : undefined;
  }

  get wantsUsage(): boolean {
    const options = this.json['stream_options'];
    return typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.socket.localPort}`;
  }

  number(index: number, absent: number): number {
    const value = this.args[index];
    return value === undefined || value === '' ? absent : Number(value);
  }

  /** false: the peer does not read; `drained` tells when it does again. */
  write(bytes: string | Buffer): boolean {
    if (this.socket.destroyed) return true;
    this.entry.sentBytes += Buffer.byteLength(bytes);
    return this.socket.write(bytes);
  }

  drained(then: () => void): void {
    this.socket.once('drain', then);
  }

  get isGone(): boolean {
    return this.socket.destroyed;
  }

  /** The reply is complete and the connection stays. */
  done(): void {
    this.ended('finished');
  }

  /** FIN. */
  fin(): void {
    this.socket.end(() => this.ended('finished'));
  }

  /** FIN for what was written, then nothing is read any more: what a server does that closes a connection. */
  close(): void {
    this.ended('finished');
    this.socket.destroySoon();
  }

  /** RST. */
  reset(): void {
    this.ended('finished');
    this.socket.resetAndDestroy();
  }

  after(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!this.socket.destroyed) then();
    }, ms).unref();
    this.timers.add(timer);
  }

  /** Writes one part after the other, `gapMs` apart (0: each in its own turn), as fast as the peer reads; then goes on. */
  writeEach(parts: Iterable<string | Buffer>, gapMs: number, then: () => void): void {
    const iterator = parts[Symbol.iterator]();
    const step = (): void => {
      const { value, done } = iterator.next();
      if (done === true) return then();
      if (this.isGone) return;
      const next = (): void => (gapMs === 0 ? void setImmediate(step) : this.after(gapMs, step));
      if (this.write(value)) next();
      else this.drained(next);
    };
    step();
  }

  private ended(state: 'finished' | 'aborted'): void {
    if (this.entry.state !== 'running') return;
    this.entry.state = state;
    this.entry.endedAt = this.ledger.now();
  }
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
