import type { ProviderQuirks } from '../../contracts/gateway-settings.js';
import type { TokenUsage } from '../../contracts/token-usage.js';
import { asObject, type JsonObject } from './json-value.js';

/** A provider's `usage` in the house's words; undefined when it names no tokens. */
export function readUsage(value: unknown, quirks: ProviderQuirks): TokenUsage | undefined {
  const usage = asObject(value);
  if (usage === undefined) return undefined;
  const input = count(usage['prompt_tokens']) ?? count(usage['input_tokens']);
  const output = count(usage['completion_tokens']) ?? count(usage['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  const apart = quirks.reasoningApart === true ? reasoningApart(usage) : 0;
  return {
    input: input ?? 0,
    output: (output ?? 0) + apart,
    // DeepSeek and Together write the cached tokens where they like.
    cached:
      count(asObject(usage['prompt_tokens_details'])?.['cached_tokens']) ??
      count(usage['prompt_cache_hit_tokens']) ??
      count(usage['cached_tokens']) ??
      0,
    reasoning: reasoningTokens(usage),
  };
}

/** The reasoning tokens that `completion_tokens` leaves out: none where the total says that they are in it. */
export function reasoningApart(usage: JsonObject): number {
  const prompt = count(usage['prompt_tokens']) ?? 0;
  const completion = count(usage['completion_tokens']) ?? 0;
  return count(usage['total_tokens']) === prompt + completion ? 0 : reasoningTokens(usage);
}

function reasoningTokens(usage: JsonObject): number {
  return count(asObject(usage['completion_tokens_details'])?.['reasoning_tokens']) ?? count(usage['reasoning_tokens']) ?? 0;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;
}
