import type { ServerResponse } from 'node:http';
import { GatewayError } from '../contracts/gateway-error.js';
import type { RequestContext } from '../contracts/request-context.js';
import { shortLived } from '../contracts/short-lived.js';
import type { Target } from '../contracts/target.js';
import { Alarm } from '../resilience/alarm.js';
import type { Answer, Delivery, UpstreamHeaders } from '../resilience/delivery.js';
import type { LiveStream, StreamFailure, StreamSink } from '../resilience/live-stream.js';
import { ChunkedBody } from './chunked-body.js';
import { type ErrorShape, errorShape } from './error-shape.js';
import { HalfCloseProbe } from './half-close.js';
import { writeRefusal } from './refusal.js';
import { requestIdHeaders } from './request-id-headers.js';

/**
 * The client's end of one inference call. Writes the reply with backpressure, keeps a waiting stream alive with pings, gives up
 * on a client that reads nothing, and turns whatever goes wrong into a refusal or, once the answer has begun, into an error event.
 */
export class ReplyWriter implements Delivery, StreamSink {
  private goneListener: (() => void) | undefined;
  private live: LiveStream | undefined;
  private isGone = false;
  private readonly pings: Alarm | undefined;
  private stall: Alarm | undefined;
  /** Of a stream; undefined: it has not begun. */
  private body: ChunkedBody | undefined;
  private readonly halfClose: HalfCloseProbe;
  private readonly shape: ErrorShape;

  constructor(
    private readonly raw: ServerResponse,
    private readonly context: RequestContext,
    streams: boolean,
  ) {
    this.shape = errorShape(context.endpoint);
    this.halfClose = new HalfCloseProbe(raw, () => this.body?.write(MEANINGLESS));
    // Before the request is signed out: what a client that left had received belongs in its log line.
    raw.prependOnceListener('close', () => this.closed());
    if (!streams) return;
    this.pings = new Alarm(() => this.ping());
    this.pings.set(context.settings.server.ssePingMs);
  }

  get gone(): boolean {
    return this.isGone;
  }

  onGone(listener: (() => void) | undefined): void {
    this.goneListener = listener;
  }

  answer(answer: Answer, _target: Target, headers: UpstreamHeaders): void {
    if (this.isGone) return;
    const flat = this.head(headers);
    flat.push('content-type', 'application/json', 'content-length', String(answer.body.length));
    this.raw.writeHead(200, flat);
    // As text, byte for byte, a small body goes out in one piece with its head.
    if (answer.body.length <= ONE_PIECE_BYTES_MAX) this.raw.end(answer.body.toString('latin1'), 'latin1');
    else this.raw.end(answer.body);
    this.ended();
  }

  stream(live: LiveStream, _target: Target, headers: UpstreamHeaders): void {
    this.live = live;
    this.goneListener = shortLived(() => live.cancel());
    if (this.isGone) return live.cancel();
    if (!this.raw.headersSent) this.openStream(this.head(headers));
    live.follow(this);
  }

  write(bytes: Buffer): boolean {
    if (this.isGone) return false;
    this.pings?.set(this.context.settings.server.ssePingMs);
    if (this.body?.write(bytes) === true) return true;
    this.awaitReader();
    return false;
  }

  end(tail: Buffer): void {
    if (this.isGone) return;
    this.body?.end(tail);
    this.ended();
  }

  fail(failure: StreamFailure): void {
    const code = failure.kind === 'stalled' || failure.kind === 'unread' ? 'upstream_timeout' : 'upstream_stream_interrupted';
    this.refuse(new GatewayError(code, failure.message, { cause: failure }));
  }

  /** The end of a call that came to no answer, or to no end of one. */
  refuse(error: GatewayError): void {
    if (this.isGone || this.raw.writableEnded) return;
    if (this.raw.headersSent) {
      this.context.errorCode = error.body.error.code ?? error.code;
      // A stream under way knows best how its wire says that it broke.
      this.body?.end(this.live?.farewell(error.body) ?? Buffer.from(this.shape.event(error, this.context)));
    } else writeRefusal(this.raw, this.context, error);
    this.ended();
  }

  /** Ends the call from outside: its upstream is closed, its client is told. */
  abort(error: GatewayError): void {
    if (this.isGone || this.raw.writableEnded) return;
    const leave = this.goneListener;
    this.goneListener = undefined;
    this.refuse(error);
    this.isGone = true;
    leave?.();
  }

  private closed(): void {
    this.pings?.stop();
    this.stall?.stop();
    this.halfClose.stop();
    if (this.isGone || this.raw.writableFinished) return;
    this.isGone = true;
    this.goneListener?.();
    this.goneListener = undefined;
  }

  /** Everything was written; what is still buffered must go out too, or the connection would be held for ever. */
  private ended(): void {
    this.pings?.stop();
    if (this.raw.writableLength > 0) this.awaitReader();
  }

  private awaitReader(): void {
    this.stall ??= new Alarm(() => this.raw.destroy());
    this.stall.set(this.context.settings.server.writeStallMs);
  }

  private ping(): void {
    if (this.isGone || this.raw.writableEnded) return;
    if (!this.raw.headersSent) this.openStream([...requestIdHeaders(this.context), ...Object.entries(this.context.rateLimitHeaders ?? {}).flat()]);
    // To a client that does not read, nothing more is sent.
    if (this.body?.isFull === false) this.body.write(Buffer.from(this.shape.ping));
    this.pings?.set(this.context.settings.server.ssePingMs);
  }

  private drained(): void {
    this.stall?.stop();
    this.live?.resume();
  }

  private openStream(flat: string[]): void {
    flat.push('content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache, no-transform', 'x-accel-buffering', 'no');
    this.raw.writeHead(200, flat);
    this.body = new ChunkedBody(this.raw, () => this.drained());
  }

  private head(upstream: UpstreamHeaders): string[] {
    const { context } = this;
    const overheadMs = performance.now() - context.startedAt - context.waitedMs;
    const flat = requestIdHeaders(context);
    flat.push('x-nexus-upstream', context.upstream, 'x-nexus-attempts', String(context.attempts));
    flat.push('x-nexus-overhead-ms', overheadMs.toFixed(2));
    const limits = context.rateLimitHeaders;
    if (limits !== undefined) for (const name in limits) flat.push(name, limits[name] as string);
    const processing = upstream['openai-processing-ms'];
    if (processing !== undefined && /^\d{1,12}$/.test(processing)) flat.push('openai-processing-ms', processing);
    return flat;
  }
}

const ONE_PIECE_BYTES_MAX = 8 * 1024;
/** A comment, in every wire's streams. */
const MEANINGLESS = Buffer.from(': \n\n');
