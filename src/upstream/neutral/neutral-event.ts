import type { UpstreamFailure } from '../upstream-failure.js';

/**
 * A reply in no provider's words: a stream of small events. A whole answer is the same events at once, so that each dialect is
 * read and written once. `choice` counts answers from 0; `call` counts the tool calls of a choice from 0, in the order they begin.
 */
export type NeutralEvent =
  /** Something arrived that says nothing (a ping, an empty delta). */
  | { readonly kind: 'alive' }
  /** At most once, first: the provider's id of the reply. */
  | { readonly kind: 'start'; readonly id: string | undefined }
  | { readonly kind: 'text'; readonly choice: number; readonly text: string }
  | { readonly kind: 'refusal'; readonly choice: number; readonly text: string }
  | { readonly kind: 'reasoning'; readonly choice: number; readonly text: string }
  /** Ends the reasoning before it: the provider's signature of it. */
  | { readonly kind: 'reasoning_signature'; readonly choice: number; readonly signature: string }
  /** Reasoning that is encrypted instead of readable. */
  | { readonly kind: 'redacted_reasoning'; readonly choice: number; readonly data: string }
  | {
      readonly kind: 'tool_call';
      readonly choice: number;
      readonly call: number;
      readonly id: string;
      readonly name: string;
      readonly signature: string | undefined;
    }
  /** A piece of the JSON text of the call's arguments; a call without any has `{}`. */
  | { readonly kind: 'tool_arguments'; readonly choice: number; readonly call: number; readonly json: string }
  /** A source of what was said, as OpenAI's `annotations` hold it. */
  | { readonly kind: 'citation'; readonly choice: number; readonly url: string; readonly title: string; readonly quote: string | undefined }
  /** An image that the model made. */
  | { readonly kind: 'image'; readonly choice: number; readonly mime: string; readonly base64: string }
  /** Log probabilities of tokens, in OpenAI's form (`content` entries). */
  | { readonly kind: 'logprobs'; readonly choice: number; readonly content: readonly unknown[] }
  | { readonly kind: 'finish'; readonly choice: number; readonly reason: FinishReason; readonly stopSequence: string | undefined }
  /** May come more than once; the last one counts. */
  | { readonly kind: 'usage'; readonly usage: NeutralUsage }
  /** The provider gave up, or what it sent makes no sense: nothing comes after it. */
  | { readonly kind: 'failure'; readonly failure: UpstreamFailure };

export type FinishReason = 'stop' | 'stop_sequence' | 'length' | 'tool_calls' | 'content_filter';

/** Tokens. `cached` and `cacheWritten` are parts of `input`, `reasoning` is part of `output`. */
export interface NeutralUsage {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly cacheWritten: number;
  readonly reasoning: number;
}
