import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { Target } from '../contracts/target.js';
import { isEventStream } from '../upstream/is-event-stream.js';
import type { Answer, StreamTranslator, UpstreamAdapter } from '../upstream/upstream-adapter.js';
import { UpstreamFailure } from '../upstream/upstream-failure.js';
import type { Exchange, ReplySink, UpstreamHeaders, UpstreamTransport } from '../upstream/upstream-transport.js';
import { Alarm } from './alarm.js';
import type { LiveStream, StreamSink } from './live-stream.js';

/** What became of an attempt that did not fail: a whole answer, or a stream whose first content is here. */
export type Reply = { readonly answer: Answer; readonly headers: UpstreamHeaders } | { readonly live: LiveStream; readonly headers: UpstreamHeaders };

export interface AttemptObserver {
  /** Anything arrived from the upstream. */
  heard(): void;
  /** Its first valid event, or its whole answer. */
  proven(): void;
  /** The first content of a stream. */
  firstContent(): void;
  /** Further content of a stream. */
  content(): void;
  /** A live stream ended; a failure here came after the first content. */
  ended(translator: StreamTranslator, failure: UpstreamFailure | undefined): void;
}

/**
 * One target tried: sends, keeps the deadlines, judges, and holds a stream back until its first content, so that until then
 * another target can still be tried. `begin` rejects with an `UpstreamFailure` and nothing else.
 */
export class Attempt implements ReplySink, LiveStream {
  private readonly alarm = new Alarm(() => this.timedOut());
  private exchange: Exchange | undefined;
  private phase: 'head' | 'body' | 'refusal' | 'opening' | 'flowing' | 'over' = 'head';
  private status = 0;
  private headers: UpstreamHeaders = {};
  private translator: StreamTranslator | undefined;
  private chunks: Buffer[] = [];
  private bytes = 0;
  private client: StreamSink | undefined;
  /** How the stream ended: its tail, or what broke it. */
  private ending: Buffer | UpstreamFailure | undefined;
  private isPaused = false;
  private settle: { resolve(reply: Reply): void; reject(failure: UpstreamFailure): void } | undefined;

  constructor(
    private readonly call: InferenceCall,
    private readonly target: Target,
    private readonly settings: GatewaySettings,
    private readonly observer: AttemptObserver,
    private readonly tools: { readonly adapter: UpstreamAdapter; readonly transport: UpstreamTransport; readonly totalLeftMs: () => number },
  ) {}

  begin(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.put('head', this.target.upstream.firstByteTimeoutMs);
      this.exchange = this.tools.transport.send(this.target.upstream, this.tools.adapter.encode(this.call, this.target), this);
    });
  }

  head(status: number, headers: UpstreamHeaders): void {
    this.status = status;
    this.headers = headers;
    this.observer.heard();
    if (status < 200 || status > 299) return this.put('refusal', this.target.upstream.firstByteTimeoutMs);
    if (!this.call.stream && isEventStream(headers))
      return this.lose(new UpstreamFailure('invalid', 'The upstream sent a stream where an answer was asked.'));
    if (!this.call.stream || !isEventStream(headers)) return this.put('body', this.settings.resilience.firstContentTimeoutMs);
    this.translator = this.tools.adapter.translator(this.call, this.target, this.settings.resilience.eventBytesMax);
    // The first event is still owed within the time-out that began with the sending.
    this.phase = 'opening';
  }

  data(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    switch (this.phase) {
      case 'opening':
      case 'flowing':
        return this.streamed(this.translator as StreamTranslator, chunk);
      case 'refusal':
        this.chunks.push(chunk);
        if (this.bytes > REFUSAL_BYTES_MAX) this.explain();
        return true;
      case 'body':
        this.chunks.push(chunk);
        if (this.bytes > this.settings.resilience.responseBytesMax)
          this.lose(new UpstreamFailure('invalid', 'The upstream sent a larger answer than this gateway takes (GATEWAY_RESPONSE_LIMIT_BYTES).'));
        else this.alarm.set(this.within(this.settings.resilience.streamIdleTimeoutMs));
        return true;
      case 'head':
      case 'over':
        return true;
    }
  }

  end(): void {
    if (this.phase === 'over') this.alarm.stop();
    switch (this.phase) {
      case 'body':
        return this.answered();
      case 'refusal':
        return this.explain();
      case 'opening':
      case 'flowing':
        return this.finish(this.translator as StreamTranslator);
      case 'head':
      case 'over':
        return;
    }
  }

  fail(failure: UpstreamFailure): void {
    if (this.phase === 'refusal') return this.explain();
    const progress = this.translator?.progress;
    // Every choice is finished: what broke was only the way home.
    if (progress === 'finished' || progress === 'done') return this.finish(this.translator as StreamTranslator);
    this.lose(failure);
  }

  follow(sink: StreamSink): void {
    this.client = sink;
    const held = Buffer.concat(this.chunks);
    this.chunks = [];
    const flows = sink.write(held);
    if (this.ending !== undefined) return this.tellEnding(sink, this.ending);
    if (flows) this.resume();
    else this.alarm.set(this.within(Infinity));
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (this.phase !== 'flowing') return;
    this.awaitNext(this.translator as StreamTranslator);
    this.exchange?.resume();
  }

  cancel(): void {
    this.lose(new UpstreamFailure('client_gone', 'The client left.'));
  }

  private streamed(translator: StreamTranslator, chunk: Buffer): boolean {
    const deltasBefore = translator.deltas;
    const bytes = translator.write(chunk);
    this.observer.heard();
    if (this.phase === 'opening') return this.opened(translator, bytes);
    if (translator.deltas > deltasBefore) this.observer.content();
    const flows = bytes.length === 0 || this.client?.write(bytes) === true;
    if (!flows) this.isPaused = true;
    this.judge(translator);
    return !this.isPaused;
  }

  private opened(translator: StreamTranslator, bytes: Buffer): boolean {
    if (bytes.length > 0) this.chunks.push(bytes);
    if (translator.progress !== 'silent') this.observer.proven();
    if (translator.progress === 'silent' || translator.progress === 'alive') {
      if (translator.failure !== undefined) this.lose(translator.failure);
      else if (this.bytes > this.settings.resilience.eventBytesMax * 4)
        this.lose(new UpstreamFailure('invalid', 'The upstream sent a stream without content.'));
      else if (translator.progress === 'alive') this.alarm.set(this.within(this.settings.resilience.firstContentTimeoutMs));
      return true;
    }
    this.goLive();
    this.judge(translator);
    return false;
  }

  /** Hands the stream over. `follow` comes in a microtask and takes what is held; the upstream waits that long. */
  private goLive(): void {
    this.phase = 'flowing';
    this.isPaused = true;
    this.observer.firstContent();
    this.settle?.resolve({ live: this, headers: this.headers });
    this.settle = undefined;
  }

  private judge(translator: StreamTranslator): void {
    if (translator.failure !== undefined) this.lose(translator.failure);
    else if (translator.progress === 'done') this.finish(translator);
    else if (this.bytes > this.settings.resilience.responseBytesMax)
      this.lose(new UpstreamFailure('stalled', 'The stream grew larger than this gateway takes (GATEWAY_RESPONSE_LIMIT_BYTES).'));
    else this.awaitNext(translator);
  }

  private answered(): void {
    const body = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
    const answer = this.tools.adapter.answer(this.call, this.target, body);
    if (answer instanceof UpstreamFailure) return this.lose(answer);
    if (this.call.stream) return this.lose(new UpstreamFailure('invalid', 'The upstream sent an answer where a stream was asked.'));
    this.over();
    this.observer.proven();
    this.settle?.resolve({ answer, headers: this.headers });
    this.settle = undefined;
  }

  private explain(): void {
    this.lose(this.tools.adapter.explain(this.target, this.status, this.headers, Buffer.concat(this.chunks).subarray(0, REFUSAL_BYTES_MAX)));
  }

  private finish(translator: StreamTranslator): void {
    const tail = translator.end();
    if (translator.failure !== undefined) return this.lose(translator.failure);
    if (this.phase === 'opening') this.goLive();
    this.over();
    this.conclude(tail);
  }

  private lose(failure: UpstreamFailure): void {
    if (this.phase === 'over') return;
    const wasFlowing = this.phase === 'flowing';
    this.over();
    this.exchange?.cancel();
    if (wasFlowing) return this.conclude(failure);
    this.settle?.reject(failure);
    this.settle = undefined;
  }

  private conclude(ending: Buffer | UpstreamFailure): void {
    this.ending = ending;
    if (this.client !== undefined) this.tellEnding(this.client, ending);
  }

  private tellEnding(client: StreamSink, ending: Buffer | UpstreamFailure): void {
    this.observer.ended(this.translator as StreamTranslator, ending instanceof UpstreamFailure ? ending : undefined);
    if (!(ending instanceof UpstreamFailure)) client.end(ending);
    else if (ending.kind !== 'client_gone') client.fail(ending);
  }

  /** A connection whose reply is complete but for its last framing is given a moment to close it, so that it can serve again. */
  private over(): void {
    this.phase = 'over';
    this.alarm.set(FRAMING_MS);
  }

  private put(phase: 'head' | 'body' | 'refusal', timeoutMs: number): void {
    this.phase = phase;
    this.alarm.set(this.within(timeoutMs));
  }

  private awaitNext(translator: StreamTranslator): void {
    const { streamIdleTimeoutMs } = this.settings.resilience;
    // While the client does not read, the upstream is not to blame for the silence.
    if (this.isPaused) return this.alarm.set(this.within(Infinity));
    const isFinished = translator.progress === 'finished';
    this.alarm.set(this.within(isFinished ? Math.min(LAST_WORDS_MS, streamIdleTimeoutMs) : streamIdleTimeoutMs));
  }

  private within(ms: number): number {
    return Math.min(ms, this.tools.totalLeftMs());
  }

  private timedOut(): void {
    if (this.phase === 'over') return this.exchange?.cancel();
    if (this.phase === 'refusal') return this.explain();
    if (this.translator?.progress === 'finished') return this.finish(this.translator);
    this.lose(this.timeout());
  }

  private timeout(): UpstreamFailure {
    const { resilience } = this.settings;
    if (this.tools.totalLeftMs() <= 0)
      return new UpstreamFailure(
        this.phase === 'flowing' ? 'stalled' : 'first_byte_timeout',
        `The call took longer than ${seconds(resilience.totalTimeoutMs)} in all (GATEWAY_TOTAL_TIMEOUT_SECONDS).`,
      );
    if (this.phase === 'flowing')
      return new UpstreamFailure(
        'stalled',
        `The upstream fell silent for ${seconds(resilience.streamIdleTimeoutMs)} within its answer (GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS).`,
      );
    if (this.phase === 'head' || this.translator?.progress === 'silent')
      return new UpstreamFailure(
        'first_byte_timeout',
        `The upstream did not begin to answer within ${seconds(this.target.upstream.firstByteTimeoutMs)} (GATEWAY_REQUEST_TIMEOUT_SECONDS).`,
      );
    return new UpstreamFailure(
      'first_byte_timeout',
      `The upstream began to answer and sent no content within ${seconds(resilience.firstContentTimeoutMs)} (GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS).`,
    );
  }
}

const FRAMING_MS = 1_000;
const REFUSAL_BYTES_MAX = 64 * 1024;
/** A stream whose choices are all finished may still bring usage and `[DONE]`; it is not waited for longer than this. */
const LAST_WORDS_MS = 5_000;

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
