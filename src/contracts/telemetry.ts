import type { IncomingHttpHeaders } from 'node:http';
import type { InferenceCall } from './inference-call.js';
import type { Outcome } from './outcome.js';
import type { RequestContext } from './request-context.js';
import type { Target } from './target.js';

/**
 * Whoever outside listens to calls and their attempts, one by one. Where nobody does there is none of this: whoever tells asks for
 * `undefined` first, and that is all that it costs. Never throws, never waits.
 */
export abstract class Telemetry {
  /** An inference call came in. The trace that its headers name goes on. */
  abstract callBegan(headers: IncomingHttpHeaders): CallTrace;
  /** What is still to be sent is sent, for so long at most. Never rejects. */
  abstract close(withinMs: number): Promise<void>;
}

/** Hears of one call. */
export abstract class CallTrace {
  abstract attemptBegan(target: Target, call: InferenceCall, context: RequestContext): AttemptTrace;
  /** Its response closed, however that came about. An attempt that has not ended ends with it. */
  abstract ended(context: RequestContext, status: number): void;
}

/** Hears of one attempt of a call. What is told after its end counts no more. */
export abstract class AttemptTrace {
  /** By which the upstream joins the trace, in place of what the client sent; undefined: the client's goes on as it came. */
  abstract readonly headers: Readonly<Record<string, string>> | undefined;
  /** false: nobody wants to hear `replied`, so that nobody need read it. */
  abstract readonly wantsReply: boolean;
  /** The first content of a stream, so many milliseconds after its call came in. */
  abstract firstContent(afterMs: number): void;
  /** Further content of a stream. */
  abstract content(gapMs: number): void;
  /** May be told in parts. */
  abstract replied(facts: ReplyFacts): void;
  abstract ended(outcome: Outcome, failure?: AttemptFailure): void;
}

/** What a reply says of itself, in the upstream's words. Never what was written. */
export interface ReplyFacts {
  readonly id?: string;
  readonly model?: string;
  readonly finishReasons?: readonly string[];
}

export interface AttemptFailure {
  readonly kind: string;
  /** What the upstream answered with, if it did. */
  readonly status: number | undefined;
}
