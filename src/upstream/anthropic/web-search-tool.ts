import { asObject, asText, type JsonObject } from '../openai/json-value.js';

/** Chat's `web_search_options`, as the tool that Anthropic runs itself; how much context is wanted becomes how often it may search, in LiteLLM's numbers. */
export function webSearchTool(value: unknown): JsonObject | undefined {
  const options = asObject(value);
  if (options === undefined) return undefined;
  const uses = USES[asText(options['search_context_size']) ?? ''];
  const where = asObject(asObject(options['user_location'])?.['approximate']);
  return {
    type: 'web_search_20250305',
    name: 'web_search',
    ...(uses !== undefined && { max_uses: uses }),
    ...(where !== undefined && { user_location: { type: 'approximate', ...where } }),
  };
}

const USES: Readonly<Record<string, number>> = { low: 1, medium: 5, high: 10 };
