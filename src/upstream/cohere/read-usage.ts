import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asObject } from '../openai/json-value.js';

/** What was processed; what is billed is less (Cohere's own instructions are not), and counts only where nothing else is told. */
export function readUsage(value: unknown): NeutralEvent | undefined {
  const usage = asObject(value);
  const tokens = asObject(usage?.['tokens']) ?? asObject(usage?.['billed_units']);
  const input = count(tokens?.['input_tokens']);
  const output = count(tokens?.['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  return {
    kind: 'usage',
    usage: {
      input: input ?? 0,
      output: output ?? 0,
      cached: count(usage?.['cached_tokens']) ?? 0,
      cacheWritten: 0,
      reasoning: count(tokens?.['reasoning_tokens']) ?? 0,
    },
  };
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;
}
