import type { NeutralUsage } from '../neutral/neutral-event.js';
import { asObject } from '../openai/json-value.js';

/** undefined when it names no tokens. */
export function readResponseUsage(value: unknown): NeutralUsage | undefined {
  const usage = asObject(value);
  const input = count(usage?.['input_tokens']);
  const output = count(usage?.['output_tokens']);
  if (usage === undefined || (input === undefined && output === undefined)) return undefined;
  const inputDetails = asObject(usage['input_tokens_details']);
  return {
    input: input ?? 0,
    output: output ?? 0,
    cached: count(inputDetails?.['cached_tokens']) ?? 0,
    cacheWritten: count(inputDetails?.['cache_write_tokens']) ?? 0,
    reasoning: count(asObject(usage['output_tokens_details'])?.['reasoning_tokens']) ?? 0,
  };
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;
}
