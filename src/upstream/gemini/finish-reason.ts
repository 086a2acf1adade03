import type { FinishReason } from '../neutral/neutral-event.js';

/** `failed`: the model began something that makes no sense, and gave up. A word that is not known yet is an end like another. */
export function finishReason(word: string, hasCalls: boolean): FinishReason | 'failed' {
  if (FILTERED.has(word)) return 'content_filter';
  if (FAILED.has(word)) return 'failed';
  if (word === 'MAX_TOKENS') return 'length';
  return hasCalls ? 'tool_calls' : 'stop';
}

const FILTERS = ['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'MODEL_ARMOR', 'OTHER'];
const IMAGE_FILTERS = ['IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT', 'IMAGE_RECITATION', 'IMAGE_OTHER', 'NO_IMAGE'];
const FILTERED = new Set([...FILTERS, ...IMAGE_FILTERS]);
const FAILED = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MISSING_THOUGHT_SIGNATURE', 'MALFORMED_RESPONSE']);
