import type { ConnectionPool } from './connection-pool.js';
import type { ReplyHead } from './reply-head.js';
import type { PreparedRequest } from './request-head.js';
import { transportFailure } from './transport-failure.js';
import type { Carried, UpstreamConnection } from './upstream-connection.js';
import type { Exchange, ReplySink } from '../upstream-transport.js';
import type { UpstreamFailure } from '../upstream-failure.js';

/** One request and its reply, over one connection; over a second one where the first had been closed in the very moment of its reuse. */
export class HttpExchange implements Exchange, Carried {
  /** Until its reply has begun: a long stream need not hold a long prompt. */
  private request: PreparedRequest | undefined;
  private connection: UpstreamConnection | undefined;
  private isOver = false;
  private headTold = false;
  private sentAt = 0;
  private hasTriedAgain = false;
  private isPaused = false;
  /** What still came after the sink wanted no more, and how it ended: TLS brings records whole. */
  private readonly held: Buffer[] = [];
  private ending: 'end' | UpstreamFailure | undefined;

  constructor(
    private readonly pool: ConnectionPool,
    request: PreparedRequest,
    private readonly sink: ReplySink,
    private readonly connectTimeoutMs: number,
    /** Hears of errors that kept the request from being answered at all. */
    private readonly unreachable: (error: Error) => void,
  ) {
    this.request = request;
  }

  begin(): void {
    if (this.request !== undefined) this.sendOver(this.pool.take(), this.request);
  }

  resume(): void {
    if (!this.isPaused || this.isOver) return;
    if (this.held.length > 0) process.nextTick(tellHeld, this);
    else {
      this.isPaused = false;
      this.connection?.resume();
    }
  }

  cancel(): void {
    this.close();
  }

  replyHead({ status, headers }: ReplyHead): void {
    this.headTold = true;
    this.request = undefined;
    this.sink.head(status, headers);
  }

  replyData(chunk: Buffer): void {
    if (this.isPaused) this.held.push(chunk);
    else if (!this.sink.data(chunk)) this.pause();
  }

  replyEnd(): void {
    const { connection } = this;
    this.connection = undefined;
    if (connection !== undefined) this.pool.release(connection);
    this.end('end');
  }

  replyBroken(error: Error): void {
    const { connection, request } = this;
    this.connection = undefined;
    if (connection !== undefined && request !== undefined && this.mayTryAgain(connection)) {
      this.hasTriedAgain = true;
      return this.sendOver(this.pool.fresh(), request);
    }
    const progress = this.headTold ? 'head told' : connection?.hasHeard === true ? 'head begun' : 'nothing';
    if (progress === 'nothing') this.unreachable(error);
    this.end(transportFailure(error, progress, this.connectTimeoutMs));
  }

  /** Tells what was held back, as long as the sink takes it. */
  tellHeld(): void {
    if (this.isOver || !this.isPaused) return;
    for (let chunk = this.held.shift(); chunk !== undefined; chunk = this.held.shift()) {
      const flows = this.sink.data(chunk);
      if (this.isOver || !flows) return;
    }
    this.isPaused = false;
    if (this.ending !== undefined) this.tellEnding(this.ending);
    else this.connection?.resume();
  }

  private sendOver(connection: UpstreamConnection, request: PreparedRequest): void {
    this.connection = connection;
    this.sentAt = performance.now();
    connection.send(request, this);
  }

  private pause(): void {
    if (this.isOver) return;
    this.isPaused = true;
    this.connection?.pause();
  }

  /** The server had closed this connection while we were sending: nothing was read there, and nobody need know. */
  private mayTryAgain(connection: UpstreamConnection): boolean {
    return connection.served > 0 && !connection.hasHeard && !this.hasTriedAgain && performance.now() - this.sentAt < RACE_MS_MAX;
  }

  private end(ending: 'end' | UpstreamFailure): void {
    if (this.held.length > 0) this.ending = ending;
    else this.tellEnding(ending);
  }

  private tellEnding(ending: 'end' | UpstreamFailure): void {
    if (this.isOver) return;
    this.isOver = true;
    if (ending === 'end') this.sink.end();
    else this.sink.fail(ending);
  }

  private close(): void {
    this.isOver = true;
    if (this.connection !== undefined) this.pool.discard(this.connection);
    this.connection = undefined;
  }
}

/** A request that fell into the closing of an idle connection is answered with a reset within one round trip. */
const RACE_MS_MAX = 1_000;

const tellHeld = (exchange: HttpExchange): void => exchange.tellHeld();
