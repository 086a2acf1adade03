import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';

/** What a client says to OpenAI or Anthropic alone stays here. */
export function cohereHeaders({ upstream: { apiKey, headers } }: Target, call: InferenceCall): Readonly<Record<string, string>> {
  const crossing = Object.entries(call.headers).filter(([name]) => !name.startsWith('anthropic-') && !name.startsWith('openai-'));
  return {
    ...Object.fromEntries(crossing),
    ...headers,
    'content-type': 'application/json',
    accept: call.stream ? 'text/event-stream' : 'application/json',
    'accept-encoding': 'identity',
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  };
}
