import { asText } from '../openai/json-value.js';
import type { FinishReason } from '../neutral/neutral-event.js';

/** `failed`: the model began something that makes no sense, and gave up. A word that is not known yet is an end like another. */
export function finishReason(word: string, hasCalls: boolean): FinishReason | 'failed' {
  if (FILTERED.has(word)) return 'content_filter';
  if (FAILED.has(word)) return 'failed';
  if (word === 'MAX_TOKENS') return 'length';
  return hasCalls ? 'tool_calls' : 'stop';
}

/** A reason in Google's words. Where its numbers were asked for in their place, it comes as one of those. undefined: no reason yet. */
export function reasonWord(said: unknown): string | undefined {
  if (typeof said !== 'number') return asText(said);
  return said > 0 ? (BY_NUMBER[said] ?? 'OTHER') : undefined;
}

const BY_NUMBER = [
  '',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'MODEL_ARMOR',
];

const FILTERS = ['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'MODEL_ARMOR', 'OTHER'];
const IMAGE_FILTERS = ['IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT', 'IMAGE_RECITATION', 'IMAGE_OTHER', 'NO_IMAGE'];
const FILTERED = new Set([...FILTERS, ...IMAGE_FILTERS]);
const FAILED = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MISSING_THOUGHT_SIGNATURE', 'MALFORMED_RESPONSE']);
