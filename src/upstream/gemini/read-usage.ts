import { asObject } from '../openai/json-value.js';
import type { NeutralUsage } from '../neutral/neutral-event.js';

/** `usageMetadata` in the house's words; undefined when it counts nothing. Thoughts stand beside the answer's tokens, not among them. */
export function readUsage(value: unknown): NeutralUsage | undefined {
  const usage = asObject(value);
  if (usage === undefined) return undefined;
  const prompt = count(usage['promptTokenCount']);
  const answer = count(usage['candidatesTokenCount']);
  const thoughts = count(usage['thoughtsTokenCount']) ?? 0;
  const total = count(usage['totalTokenCount']);
  if (prompt === undefined && answer === undefined && total === undefined) return undefined;
  const input = (prompt ?? 0) + (count(usage['toolUsePromptTokenCount']) ?? 0);
  const output = answer ?? 0;
  // Some replies count the thoughts among the answer's tokens already: their total tells.
  const thoughtsApart = thoughts > 0 && output >= thoughts && total === input + output ? 0 : thoughts;
  return { input, output: output + thoughtsApart, cached: count(usage['cachedContentTokenCount']) ?? 0, cacheWritten: 0, reasoning: thoughts };
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;
}
