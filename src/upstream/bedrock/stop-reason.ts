import type { FinishReason, NeutralEvent } from '../neutral/neutral-event.js';
import { UpstreamFailure } from '../upstream-failure.js';

/** A word that is not known ends an answer as well as any. */
export function finishOf(stopReason: unknown): FinishReason {
  switch (stopReason) {
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool_calls';
    case 'guardrail_intervened':
    case 'content_filtered':
    case 'refusal':
      return 'content_filter';
    case 'stop_sequence':
      return 'stop_sequence';
  }
  return 'stop';
}

/** The model began something that makes no sense, and gave up: a failure where nothing was said before. */
export function malformed(stopReason: unknown, hasContent: boolean): NeutralEvent | undefined {
  if (hasContent || (stopReason !== 'malformed_model_output' && stopReason !== 'malformed_tool_use')) return undefined;
  return { kind: 'failure', failure: new UpstreamFailure('server_error', 'The model said something that makes no sense, and gave up.') };
}
