import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asObject } from '../openai/json-value.js';

/** `inputTokens` leaves out what was read from the cache and written to it. undefined: nothing was counted. */
export function converseUsage(value: unknown): NeutralEvent | undefined {
  const usage = asObject(value);
  if (usage === undefined) return undefined;
  const fresh = tokens(usage['inputTokens']);
  const output = tokens(usage['outputTokens']);
  if (fresh === undefined && output === undefined) return undefined;
  const cached = tokens(usage['cacheReadInputTokens'] ?? usage['cacheReadInputTokenCount']) ?? 0;
  const cacheWritten = tokens(usage['cacheWriteInputTokens'] ?? usage['cacheWriteInputTokenCount']) ?? 0;
  return { kind: 'usage', usage: { input: (fresh ?? 0) + cached + cacheWritten, output: output ?? 0, cached, cacheWritten, reasoning: 0 } };
}

function tokens(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;
}
