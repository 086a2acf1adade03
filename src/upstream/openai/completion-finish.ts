import type { FinishReason } from '../neutral/neutral-event.js';

/** `finish_reason` of a completion, which knows no calls. */
export function completionFinish(reason: FinishReason): 'stop' | 'length' | 'content_filter' {
  switch (reason) {
    case 'stop':
    case 'stop_sequence':
    case 'tool_calls':
      return 'stop';
    case 'length':
    case 'content_filter':
      return reason;
  }
}
