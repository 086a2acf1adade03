import type { NeutralUsage } from '../neutral/neutral-event.js';

/** `usage` as Anthropic's clients read it: `input_tokens` without what a cache gave or took. */
export function messagesUsage({ input, output, cached, cacheWritten, reasoning }: NeutralUsage): object {
  return {
    input_tokens: Math.max(input - cached - cacheWritten, 0),
    cache_creation_input_tokens: cacheWritten,
    cache_read_input_tokens: cached,
    output_tokens: output,
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}
