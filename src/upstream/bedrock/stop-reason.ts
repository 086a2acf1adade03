import type { FinishReason } from '../neutral/neutral-event.js';

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
