import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import type { Outcome } from '../contracts/outcome.js';
import { type AttemptFailure, AttemptTrace, type ReplyFacts } from '../contracts/telemetry.js';
import type { CallInstruments } from './call-instruments.js';
import { outgoingTrace } from './outgoing-trace.js';
import { shortText } from './request-attributes.js';

/** One attempt as a span, a child of its call's. What its reply says of itself is kept for the call, which answers with it. */
export class ToldAttempt extends AttemptTrace {
  override readonly headers: Readonly<Record<string, string>> | undefined;
  override readonly wantsReply: boolean;
  /** Of the reply: `gen_ai.response.*`. */
  readonly reply: Attributes = {};
  private hasEnded = false;

  constructor(
    /** undefined: no traces are wanted. */
    private readonly span: Span | undefined,
    private readonly instruments: CallInstruments | undefined,
    private readonly labels: Attributes,
    private readonly now: () => number,
  ) {
    super();
    this.headers = span === undefined ? undefined : outgoingTrace(span.spanContext());
    this.wantsReply = span?.isRecording() === true;
  }

  override firstContent(afterMs: number): void {
    this.reply['gen_ai.response.time_to_first_chunk'] = afterMs / 1000;
    this.instruments?.timeToFirstChunk(afterMs / 1000, this.labels);
  }

  override content(gapMs: number): void {
    this.instruments?.timePerOutputChunk(gapMs / 1000, this.labels);
  }

  override replied({ id, model, finishReasons }: ReplyFacts): void {
    if (id !== undefined) this.reply['gen_ai.response.id'] = shortText(id);
    if (model !== undefined) this.reply['gen_ai.response.model'] = shortText(model);
    if (finishReasons !== undefined) this.reply['gen_ai.response.finish_reasons'] = [...finishReasons];
  }

  override ended(outcome: Outcome, failure?: AttemptFailure): void {
    this.close(outcome, failure?.kind, failure?.status);
  }

  /** The call is over, and nobody has told how this went. */
  abandoned(error: string | undefined): void {
    this.close(error === 'client_gone' ? 'client_gone' : undefined, error ?? 'unknown', undefined);
  }

  private close(outcome: Outcome | undefined, error: string | undefined, status: number | undefined): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    const { span } = this;
    if (span === undefined) return;
    if (this.wantsReply) {
      span.setAttributes(this.reply);
      if (outcome !== undefined) span.setAttribute('nexus.outcome', outcome);
      if (status !== undefined) span.setAttribute('http.response.status_code', status);
    }
    if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR });
    span.end(this.now());
  }
}
