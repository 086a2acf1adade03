import type { FinishReason } from '../neutral/neutral-event.js';

/** `failed`: Cohere gave up, although the status was a good one. A word that is not known yet is an end like another. */
export function readFinish(word: unknown, calledTools: boolean): FinishReason | 'failed' {
  switch (word) {
    case 'MAX_TOKENS':
      return 'length';
    case 'STOP_SEQUENCE':
      return 'stop_sequence';
    case 'ERROR':
    case 'TIMEOUT':
    case 'ERROR_TOXIC':
    case 'ERROR_LIMIT':
    case 'USER_CANCEL':
      return 'failed';
  }
  return calledTools ? 'tool_calls' : 'stop';
}
