import { ClientConnection } from './client-connection.ts';
import { type LoadResult, LoadTally } from './load-result.ts';

/**
 * Latency: requests arrive at a rate, whether the last ones are answered or not, and a request that has to wait for a free connection
 * waits on the clock. So a server that stalls is charged for all who would have come meanwhile.
 */
export class OpenLoop {
  private readonly idle: ClientConnection[] = [];
  private readonly all: ClientConnection[] = [];
  private readonly arrivals = new Map<ClientConnection, number>();
  private readonly waiting: number[] = [];
  private tally = new LoadTally();
  private onIdle: (() => void) | undefined;

  private readonly request: Buffer;

  private constructor(request: Buffer) {
    this.request = request;
  }

  static over(port: number, connections: number, request: Buffer): OpenLoop {
    const loop = new OpenLoop(request);
    for (let index = 0; index < connections; index++) loop.all.push(new ClientConnection(port, (answered) => loop.answered(answered)));
    return loop;
  }

  /** On new connections, since a server may have tired of idle ones. Ends when the last answer is there. */
  async run(milliseconds: number, perSecond: number): Promise<LoadResult> {
    this.close();
    for (const connection of this.all) await connection.open();
    this.idle.splice(0, Infinity, ...this.all);
    this.tally = new LoadTally();
    const startedAt = performance.now();
    let arrived = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const now = performance.now();
        const elapsed = Math.min(now - startedAt, milliseconds);
        for (const due = Math.floor((elapsed * perSecond) / 1000); arrived < due; arrived++) this.arrive(now);
        // Far beyond what the server can do there is nothing more to learn.
        if (elapsed < milliseconds && this.waiting.length < perSecond * BEHIND_SECONDS_MAX) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    if (this.arrivals.size > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    return this.tally.result();
  }

  close(): void {
    for (const connection of this.all) connection.close();
  }

  private arrive(now: number): void {
    // The one that rested longest: all are used alike, whichever process a server has given them to.
    const connection = this.idle.shift();
    if (connection === undefined) this.waiting.push(now);
    else this.ask(connection, now);
  }

  private ask(connection: ClientConnection, arrivedAt: number): void {
    this.arrivals.set(connection, arrivedAt);
    connection.send(this.request);
  }

  private answered(connection: ClientConnection): void {
    this.tally.add(connection.status, connection.events, performance.now() - (this.arrivals.get(connection) ?? Number.NaN));
    this.arrivals.delete(connection);
    const next = this.waiting.shift();
    if (connection.status !== 0) {
      if (next !== undefined) return this.ask(connection, next);
      this.idle.push(connection);
    }
    if (this.arrivals.size === 0) this.onIdle?.();
  }
}

const BEHIND_SECONDS_MAX = 0.5;
