import type { ErrorBody } from '../contracts/gateway-error.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { Target } from '../contracts/target.js';
import { imageEventBytes } from '../upstream/image-event-bytes.js';
import { isEventStream } from '../upstream/is-event-stream.js';
import type { Answer, StreamTranslator, UpstreamAdapter } from '../upstream/upstream-adapter.js';
import { UpstreamFailure } from '../upstream/upstream-failure.js';
import type { Exchange, ReplySink, UpstreamHeaders, UpstreamTransport } from '../upstream/upstream-transport.js';
import { Deadline } from './deadline.js';
import { GatheredBytes } from './gathered-bytes.js';
import type { LiveStream, StreamSink } from './live-stream.js';
import { StreamHandover } from './stream-handover.js';
import { timeOut, type Wait } from './time-out.js';

/** What became of an attempt that did not fail: a whole answer, or a stream whose first content is here. */
export type Reply = { readonly answer: Answer; readonly headers: UpstreamHeaders } | { readonly live: LiveStream; readonly headers: UpstreamHeaders };

/** Hears of an attempt what must be remembered of it. */
export interface AttemptObserver {
  /** Anything arrived from the upstream. */
  heard(): void;
  /** Its first valid event, or its whole answer. */
  proven(): void;
  /** The first content of a stream. */
  firstContent(): void;
  /** Further content of a stream. */
  content(): void;
  /** A stream that had gone live is over, once; a failure here came after the first content. */
  ended(translator: StreamTranslator, failure: UpstreamFailure | undefined): void;
}

/** What an attempt is made with. */
export interface AttemptTools {
  readonly adapter: UpstreamAdapter;
  readonly transport: UpstreamTransport;
  readonly settings: GatewaySettings;
  readonly totalLeftMs: () => number;
}

/**
 * One target tried: sends, keeps the deadlines, judges, and holds a stream back until its first content, so that until then
 * another target can still be tried. `begin` rejects with an `UpstreamFailure` and nothing else.
 */
export class Attempt implements ReplySink, LiveStream {
  private readonly deadline: Deadline;
  private readonly gathered = new GatheredBytes();
  private readonly handover = new StreamHandover(this.gathered);
  private exchange: Exchange | undefined;
  private phase: 'head' | 'body' | 'refusal' | 'opening' | 'flowing' | 'over' = 'head';
  private status = 0;
  private headers: UpstreamHeaders = {};
  private translator: StreamTranslator | undefined;
  private bytes = 0;
  private isPaused = false;
  private settle: { resolve(reply: Reply): void; reject(failure: UpstreamFailure): void } | undefined;

  constructor(
    private readonly call: InferenceCall,
    private readonly target: Target,
    private readonly observer: AttemptObserver,
    private readonly tools: AttemptTools,
  ) {
    this.deadline = new Deadline(tools.totalLeftMs, () => this.missed());
  }

  begin(): Promise<Reply> {
    // Without its key it would refuse, but only after it had read the prompt.
    if (this.target.upstream.keyMissing) {
      this.phase = 'over';
      return Promise.reject(new UpstreamFailure('auth', KEY_MISSING));
    }
    return new Promise((resolve, reject) => {
      const request = this.tools.adapter.encode(this.call, this.target);
      this.settle = { resolve, reject };
      this.wait('head', this.target.upstream.firstByteTimeoutMs);
      this.exchange = this.tools.transport.send(this.target.upstream, request, this);
    });
  }

  head(status: number, headers: UpstreamHeaders): void {
    if (this.phase === 'over') return;
    this.status = status;
    this.headers = headers;
    this.observer.heard();
    if (status < 200 || status > 299) return this.wait('refusal', this.target.upstream.firstByteTimeoutMs);
    if (!isEventStream(headers) && !(this.call.stream && this.tools.adapter.streamsAsJson === true))
      return this.wait('body', this.resilience.firstContentTimeoutMs);
    if (!this.call.stream) return this.lose(new UpstreamFailure('invalid', 'The upstream sent a stream where an answer was asked.'));
    this.translator = this.tools.adapter.translator(this.call, this.target, this.resilience.eventBytesMax);
    // The first event is still owed within the time-out that began with the sending.
    this.phase = 'opening';
  }

  data(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    this.deadline.heard();
    switch (this.phase) {
      case 'opening':
      case 'flowing':
        return this.streamed(this.translator as StreamTranslator, chunk);
      case 'refusal':
        this.gathered.add(chunk);
        if (this.bytes > REFUSAL_BYTES_MAX) this.explain();
        return true;
      case 'body':
        this.gathered.add(chunk);
        this.observer.heard();
        if (this.bytes > this.resilience.responseBytesMax) this.lose(tooLarge('invalid'));
        else this.deadline.set(this.resilience.streamIdleTimeoutMs);
        return true;
      case 'head':
      case 'over':
        return true;
    }
  }

  end(): void {
    switch (this.phase) {
      case 'body':
        return this.answered();
      case 'refusal':
        return this.explain();
      case 'opening':
      case 'flowing':
        this.finish(this.translator as StreamTranslator);
        return this.deadline.stop();
      case 'head':
      case 'over':
        return this.deadline.stop();
    }
  }

  fail(failure: UpstreamFailure): void {
    if (this.phase === 'over') return this.deadline.stop();
    if (this.phase === 'refusal') return this.explain();
    // Every choice is finished: what broke was only the way home.
    if (this.translator?.progress === 'finished') {
      this.finish(this.translator);
      return this.deadline.stop();
    }
    // A cut is final only after the first content; before it, it is one more answer that was none.
    const kind = this.phase === 'flowing' ? 'interrupted' : failure.kind === 'interrupted' ? 'invalid' : failure.kind;
    this.lose(kind === failure.kind ? failure : new UpstreamFailure(kind, failure.message, { cause: failure }));
  }

  follow(sink: StreamSink): void {
    if (this.handover.follow(sink)) this.resume();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (this.phase !== 'flowing') return;
    this.awaitNext(this.translator as StreamTranslator);
    this.exchange?.resume();
  }

  farewell(error: ErrorBody): Buffer | undefined {
    return this.translator?.farewell?.(error);
  }

  cancel(): void {
    this.lose(new UpstreamFailure('client_gone', 'The client left.'));
  }

  private streamed(translator: StreamTranslator, chunk: Buffer): boolean {
    const deltasBefore = translator.deltas;
    const wasSilent = translator.progress === 'silent';
    const bytes = translator.write(chunk);
    this.observer.heard();
    if (this.phase === 'opening') return this.opened(translator, bytes, wasSilent);
    if (translator.deltas > deltasBefore) this.observer.content();
    if (bytes.length > 0 && !this.handover.write(bytes)) this.isPaused = true;
    this.judge(translator);
    return !this.isPaused;
  }

  private opened(translator: StreamTranslator, bytes: Buffer, wasSilent: boolean): boolean {
    if (bytes.length > 0) this.gathered.add(bytes);
    if (wasSilent && translator.progress !== 'silent' && translator.failure === undefined) this.observer.proven();
    if (translator.progress === 'silent' || translator.progress === 'alive') {
      if (translator.failure !== undefined) this.lose(translator.failure);
      else if (this.bytes > this.resilience.eventBytesMax * OPENING_EVENTS_MAX && this.bytes > this.openingBytesMax)
        this.lose(new UpstreamFailure('invalid', 'The upstream sent a stream without content.'));
      else if (wasSilent && translator.progress === 'alive') this.deadline.set(this.resilience.firstContentTimeoutMs);
      return true;
    }
    this.goLive();
    this.judge(translator);
    return !this.isPaused;
  }

  /** The first event may be an image. */
  private get openingBytesMax(): number {
    return imageEventBytes(this.resilience.eventBytesMax, this.target, this.call);
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
    else if (this.bytes > this.resilience.responseBytesMax) this.lose(tooLarge('stalled'));
    else this.awaitNext(translator);
  }

  private answered(): void {
    const answer = this.tools.adapter.answer(this.call, this.target, this.gathered.take());
    if (answer instanceof UpstreamFailure) return this.lose(answer);
    if (this.call.stream) return this.lose(new UpstreamFailure('invalid', 'The upstream sent an answer where a stream was asked.'));
    this.phase = 'over';
    this.deadline.stop();
    this.observer.proven();
    this.settle?.resolve({ answer, headers: this.headers });
  }

  private explain(): void {
    const words = this.gathered.take().subarray(0, REFUSAL_BYTES_MAX);
    const { adapter } = this.tools;
    const instead = adapter.standIn?.(this.call, this.target, this.status, words);
    if (instead === undefined || instead instanceof UpstreamFailure)
      return this.lose(instead ?? adapter.explain(this.target, this.status, this.headers, words));
    this.phase = 'over';
    this.deadline.stop();
    this.exchange?.cancel();
    this.settle?.resolve({ answer: instead, headers: this.headers });
  }

  private finish(translator: StreamTranslator): void {
    const tail = translator.end();
    if (translator.failure !== undefined) return this.lose(translator.failure);
    if (this.phase === 'opening') this.goLive();
    this.phase = 'over';
    // The last framing is read even while the client does not read.
    this.isPaused = false;
    // A connection whose reply is complete but for its last framing is given a moment to close it, so that it can serve again.
    this.deadline.setBeyondTotal(FRAMING_MS);
    this.conclude(translator, tail);
  }

  private lose(failure: UpstreamFailure): void {
    if (this.phase === 'over') return;
    const wasFlowing = this.phase === 'flowing';
    this.phase = 'over';
    this.deadline.stop();
    this.exchange?.cancel();
    this.settle?.reject(failure);
    if (wasFlowing && this.translator !== undefined) this.conclude(this.translator, failure);
  }

  private conclude(translator: StreamTranslator, ending: Buffer | UpstreamFailure): void {
    this.observer.ended(translator, ending instanceof UpstreamFailure ? ending : undefined);
    this.handover.end(ending);
  }

  private wait(phase: 'head' | 'body' | 'refusal', timeoutMs: number): void {
    this.phase = phase;
    this.deadline.set(timeoutMs);
  }

  private awaitNext(translator: StreamTranslator): void {
    const { streamIdleTimeoutMs } = this.resilience;
    // While the client does not read, the upstream is not to blame for the silence.
    if (this.isPaused) return this.deadline.set(Infinity);
    this.deadline.set(translator.progress === 'finished' ? Math.min(LAST_WORDS_MS, streamIdleTimeoutMs) : streamIdleTimeoutMs);
  }

  private missed(): void {
    if (this.phase === 'over') return this.exchange?.cancel();
    if (this.phase === 'refusal') return this.explain();
    if (this.translator?.progress === 'finished') return this.finish(this.translator);
    this.lose(timeOut(this.waitsFor(), this.target.upstream, this.resilience));
  }

  private waitsFor(): Wait {
    if (this.deadline.isTotalUp) return this.phase !== 'flowing' ? 'answer' : this.isPaused ? 'reader' : 'end';
    if (this.phase === 'flowing') return 'next_event';
    if (this.phase === 'body' && this.bytes > 0) return 'rest_of_answer';
    return this.phase === 'head' || this.translator?.progress === 'silent' ? 'first_byte' : 'first_content';
  }

  private get resilience(): GatewaySettings['resilience'] {
    return this.tools.settings.resilience;
  }
}

const FRAMING_MS = 1_000;
const REFUSAL_BYTES_MAX = 64 * 1024;
const OPENING_EVENTS_MAX = 4;
/** A stream whose choices are all finished may still bring usage and `[DONE]`; it is not waited for longer than this. */
const LAST_WORDS_MS = 5_000;
const KEY_MISSING = 'This gateway has no key for the upstream. Its operator has to set one.';

function tooLarge(kind: 'invalid' | 'stalled'): UpstreamFailure {
  return new UpstreamFailure(kind, 'The upstream sent more than this gateway takes of one answer (GATEWAY_RESPONSE_LIMIT_BYTES).');
}
