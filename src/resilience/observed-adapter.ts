import type { ErrorBody } from '../contracts/gateway-error.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { Target } from '../contracts/target.js';
import type { AttemptTrace } from '../contracts/telemetry.js';
import type { TokenUsage } from '../contracts/token-usage.js';
import type { Answer, StreamProgress, StreamTranslator, UpstreamAdapter } from '../upstream/upstream-adapter.js';
import { UpstreamFailure } from '../upstream/upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream/upstream-transport.js';
import { answerFacts, closingFacts, openingFacts } from './reply-facts.js';

/** An adapter that also tells a trace what the upstream's replies say of themselves. Only calls that somebody records come here. */
export class ObservedAdapter implements UpstreamAdapter {
  readonly streamsAsJson: boolean;

  constructor(
    private readonly inner: UpstreamAdapter,
    private readonly trace: AttemptTrace,
  ) {
    this.streamsAsJson = inner.streamsAsJson === true;
  }

  encode(call: InferenceCall, target: Target): UpstreamRequest {
    return this.inner.encode(call, target);
  }

  answer(call: InferenceCall, target: Target, body: Buffer): Answer | UpstreamFailure {
    const answer = this.inner.answer(call, target, body);
    if (!(answer instanceof UpstreamFailure)) this.trace.replied(answerFacts(body));
    return answer;
  }

  translator(call: InferenceCall, target: Target, eventBytesMax: number): StreamTranslator {
    return new ObservedTranslator(this.inner.translator(call, target, eventBytesMax), this.trace);
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return this.inner.explain(target, status, headers, body);
  }

  standIn(call: InferenceCall, target: Target, status: number, body: Buffer): Answer | UpstreamFailure | undefined {
    return this.inner.standIn?.(call, target, status, body);
  }
}

/** Looks at two chunks of a stream: the first, and the one that finishes it. */
class ObservedTranslator implements StreamTranslator {
  readonly farewell?: (error: ErrorBody) => Buffer;
  private isFinished = false;
  private isNamed = false;

  constructor(
    private readonly inner: StreamTranslator,
    private readonly trace: AttemptTrace,
  ) {
    const farewell = inner.farewell?.bind(inner);
    if (farewell !== undefined) this.farewell = farewell;
  }

  write(chunk: Buffer): Buffer {
    const bytes = this.inner.write(chunk);
    const { progress } = this.inner;
    // What comes before may be a comment alone.
    if (!this.isNamed && progress !== 'silent') {
      this.isNamed = true;
      this.trace.replied(openingFacts(chunk));
    }
    if (!this.isFinished && (progress === 'finished' || progress === 'done')) {
      this.isFinished = true;
      this.trace.replied(closingFacts(chunk));
    }
    return bytes;
  }

  end(): Buffer {
    return this.inner.end();
  }

  get progress(): StreamProgress {
    return this.inner.progress;
  }

  get failure(): UpstreamFailure | undefined {
    return this.inner.failure;
  }

  get usage(): TokenUsage | undefined {
    return this.inner.usage;
  }

  get deltas(): number {
    return this.inner.deltas;
  }

  get dropped(): number {
    return this.inner.dropped;
  }
}
