import type { FinishReason } from '../neutral/neutral-event.js';

/** `finish_reason`. Not every provider says that an answer ended with calls: OpenAI's clients look for it. */
export function chatFinish(reason: FinishReason, calledTools: boolean, isLegacy: boolean): string {
  switch (reason) {
    case 'stop':
    case 'stop_sequence':
    case 'tool_calls':
      if (!calledTools) return 'stop';
      return isLegacy ? 'function_call' : 'tool_calls';
    case 'length':
    case 'content_filter':
      return reason;
  }
}
