import type { NeutralUsage } from '../neutral/neutral-event.js';

/** `usage` as clients of this wire read it; tokens written to a cache only where there were any. */
export function responseUsage({ input, output, cached, cacheWritten, reasoning }: NeutralUsage): object {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, ...(cacheWritten > 0 && { cache_write_tokens: cacheWritten }) },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
