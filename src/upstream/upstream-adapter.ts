import type { ErrorBody } from '../contracts/gateway-error.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { Target } from '../contracts/target.js';
import type { TokenUsage } from '../contracts/token-usage.js';
import type { UpstreamFailure } from './upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from './upstream-transport.js';

/** A complete answer in the client's dialect. */
export interface Answer {
  readonly body: Buffer;
  /** undefined: the upstream told none. */
  readonly usage: TokenUsage | undefined;
  /** Made here, for an upstream that has nothing like it: no word of how that upstream fares. */
  readonly isOurs?: true;
}

/**
 * How far a stream has come: `silent` nothing yet · `alive` a comment or an event without content (a role, an empty delta) ·
 * `content` the first text, refusal, tool or reasoning delta was seen · `finished` every choice has its `finish_reason` · `done` `[DONE]` was seen.
 */
export type StreamProgress = 'silent' | 'alive' | 'content' | 'finished' | 'done';

/** One per reply: a stream has memory. Never throws, whatever the upstream sends. */
export interface StreamTranslator {
  /** The client's bytes for these bytes of the upstream, whole events only; the very chunk it was given where nothing had to change. */
  write(chunk: Buffer): Buffer;
  /**
   * The upstream's body ended: what is still owed to the client, `[DONE]` among it. Sets `failure` when the stream was not complete.
   * Also called when a `finished` stream stays open without an end.
   */
  end(): Buffer;
  /** What the client's wire says when the stream breaks here, where that depends on what went before; nothing is written after it. */
  farewell?(error: ErrorBody): Buffer;
  readonly progress: StreamProgress;
  /** Set once: an error event, three events in a row that are no JSON, an event over the limit, an end that is none. Kind `server_error` or `invalid` before content, `interrupted` after. */
  readonly failure: UpstreamFailure | undefined;
  readonly usage: TokenUsage | undefined;
  /** Content deltas so far: the estimate of output tokens when no usage came. */
  readonly deltas: number;
  /** Events dropped because they were no JSON. */
  readonly dropped: number;
}

/** Translation alone: no socket, no clock, no memory between calls. */
export interface UpstreamAdapter {
  /** A stream may come as JSON too, which the translator reads as well; without it, JSON where a stream was asked is a fault. */
  readonly streamsAsJson?: boolean;
  encode(call: InferenceCall, target: Target): UpstreamRequest;
  /** Judges and translates the body of a complete 2xx. */
  answer(call: InferenceCall, target: Target, body: Buffer): Answer | UpstreamFailure;
  translator(call: InferenceCall, target: Target, eventBytesMax: number): StreamTranslator;
  /** Names the failure behind any other status, with the provider's words, its key removed. `body` may be cut at 64 KiB. */
  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure;
  /** Asked before `explain`: what is said for an upstream that refused only because it has no such endpoint. undefined: its refusal stands. */
  standIn?(call: InferenceCall, target: Target, status: number, body: Buffer): Answer | UpstreamFailure | undefined;
}
