import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { ConnectionPool } from './connection-pool.js';
import { codeOf, transportFailure } from './transport-failure.js';
import type { UpstreamConnection } from './upstream-connection.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { Exchange, ReplySink, UpstreamHeaders } from '../upstream-transport.js';

/** What is sent, in undici's terms. */
export interface PreparedRequest {
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer;
  readonly connectTimeoutMs: number;
}

/** One request and its reply: undici's events become the sink's, once each and in order. */
export class UndiciExchange implements Exchange, Dispatcher.DispatchHandler {
  private connection: UpstreamConnection | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private isSending = false;
  private isOver = false;
  private headTold = false;
  private isChunked = false;
  private interimAnswers = 0;
  private sentAt = 0;
  private hasTriedAgain = false;
  private isPaused = false;
  private isResuming = false;
  /** What undici brought while the sink wanted no more, and how it ended. */
  private readonly held: Buffer[] = [];
  private ending: 'end' | UpstreamFailure | undefined;

  constructor(
    private readonly pool: ConnectionPool,
    private readonly request: PreparedRequest,
    private readonly sink: ReplySink,
  ) {}

  begin(): void {
    this.sendOver(this.pool.take());
  }

  resume(): void {
    if (!this.isPaused || this.isResuming || this.isOver) return;
    this.isResuming = true;
    // Not at once: undici's parser, which all connections share, may be at work for another one.
    process.nextTick(flowAgain, this);
  }

  cancel(): void {
    this.close();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.connection?.expectReply();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.isOver) return;
    if (status > 101 && status < 200) {
      if (++this.interimAnswers > INTERIM_ANSWERS_MAX) this.refuse('The upstream sent one informational answer after another.');
      return;
    }
    if (status < 200 || status > 599) return this.refuse('The upstream answered with a status that HTTP does not know.');
    if ((controller.rawHeaders?.length as number) > 2 * HEADERS_MAX) return this.refuse('The upstream sent too many headers.');
    if (isEncoded(headers['content-encoding']) || isEncoded(headers['transfer-encoding']))
      return this.refuse('The upstream compressed its answer, which it was not asked to.');
    this.headTold = true;
    this.isChunked = headers['transfer-encoding'] !== undefined;
    this.sink.head(status, firstValues(headers));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isOver) return;
    if (this.isPaused) {
      this.held.push(chunk);
      return;
    }
    if (this.sink.data(chunk)) return;
    this.isPaused = true;
    controller.pause();
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    // Without framing undici takes a reset for the end.
    const broken = this.connection?.brokenBy;
    if (broken !== undefined) return this.end(transportFailure(broken, 'head told', this.request.connectTimeoutMs));
    if (this.connection !== undefined) this.pool.release(this.connection);
    this.connection = undefined;
    this.end('end');
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.isOver) return;
    if (this.isSending) {
      process.nextTick(failLater, this, error);
      return;
    }
    const { connection } = this;
    if (connection !== undefined && this.mayTryAgain(connection)) {
      this.hasTriedAgain = true;
      this.pool.discard(connection);
      return this.sendOver(this.pool.fresh());
    }
    if (this.isChunked && isTrailerFault(error)) return this.end('end');
    const progress = this.headTold ? 'head told' : connection?.hasHeard === true ? 'head begun' : 'nothing';
    this.end(transportFailure(connection?.brokenBy ?? error, progress, this.request.connectTimeoutMs));
  }

  /** Tells what was held back, and lets undici go on when all of it was taken. */
  flow(): void {
    this.isResuming = false;
    if (this.isOver) return;
    this.isPaused = false;
    for (let chunk = this.held.shift(); chunk !== undefined; chunk = this.held.shift()) {
      const flows = this.sink.data(chunk);
      if (this.isOver) return;
      if (flows) continue;
      this.isPaused = true;
      return;
    }
    if (this.ending !== undefined) this.tellEnding(this.ending);
    else this.controller?.resume();
  }

  private sendOver(connection: UpstreamConnection): void {
    this.connection = connection;
    this.controller = undefined;
    this.sentAt = performance.now();
    this.isSending = true;
    connection.dispatch(this.request.path, this.request.headers, this.request.body, this);
    this.isSending = false;
  }

  /** The server had closed this connection while we were sending: nothing was read there, and nobody need know. */
  private mayTryAgain(connection: UpstreamConnection): boolean {
    const wasHeard = this.controller !== undefined && connection.hasHeard;
    return connection.served > 0 && !wasHeard && !this.hasTriedAgain && performance.now() - this.sentAt < RACE_MS_MAX;
  }

  private refuse(message: string): void {
    this.end(new UpstreamFailure('invalid', message));
  }

  private end(ending: 'end' | UpstreamFailure): void {
    if (this.held.length > 0) this.ending = ending;
    else this.tellEnding(ending);
  }

  private tellEnding(ending: 'end' | UpstreamFailure): void {
    this.close();
    if (ending === 'end') this.sink.end();
    else this.sink.fail(ending);
  }

  private close(): void {
    if (this.isOver) return;
    this.isOver = true;
    // Not at once, for the same reason as in `resume`.
    if (this.connection !== undefined) process.nextTick(discard, this.pool, this.connection);
  }
}

const INTERIM_ANSWERS_MAX = 20;
const HEADERS_MAX = 256;
/** A request that fell into the closing of an idle connection is answered with a reset within one round trip. */
const RACE_MS_MAX = 1_000;

const flowAgain = (exchange: UndiciExchange): void => exchange.flow();
const failLater = (exchange: UndiciExchange, error: Error): void => exchange.onResponseError(undefined, error);
const discard = (pool: ConnectionPool, connection: UpstreamConnection): void => pool.discard(connection);

function isEncoded(value: string | readonly string[] | undefined): boolean {
  if (value === undefined) return false;
  return typeof value === 'string' ? !/^(identity|chunked)?$/i.test(value) : value.some(isEncoded);
}

/**
 * A trailer that tells a length is dropped like any other. Chunks count themselves and the head was sound, so that only a trailer can
 * have brought this about; and trailers come when the body is complete.
 */
function isTrailerFault(error: Error): boolean {
  return /^UND_ERR_RES_CONTENT_LENGTH_MISMATCH|(Content-Length|Transfer-Encoding) can't be present/.test(`${codeOf(error)}${error.message}`);
}

function firstValues(headers: IncomingHttpHeaders): UpstreamHeaders {
  const first = Object.create(null) as Record<string, string>;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) first[name] = typeof value === 'string' ? value : (value[0] ?? '');
  }
  return first;
}
