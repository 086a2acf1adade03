import type { FinishReason } from '../neutral/neutral-event.js';

/** `stop_reason`. Not every provider says that an answer ended with calls. */
export function messagesStop(reason: FinishReason, calledTools: boolean): string {
  switch (reason) {
    case 'stop':
    case 'tool_calls':
      return calledTools ? 'tool_use' : 'end_turn';
    case 'stop_sequence':
      return 'stop_sequence';
    case 'length':
      return 'max_tokens';
    case 'content_filter':
      return 'refusal';
  }
}
