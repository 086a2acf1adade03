import type { NeutralUsage } from '../neutral/neutral-event.js';

/** `usage` as OpenAI's clients read it; tokens written to a cache only where there were any. */
export function chatUsage({ input, output, cached, cacheWritten, reasoning }: NeutralUsage): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, ...(cacheWritten > 0 && { cache_write_tokens: cacheWritten }) },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
