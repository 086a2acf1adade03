import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';

/** All but a signature. What the client says to OpenAI or Anthropic alone stays here. A key that is set is one of Bedrock's own, a bearer. */
export function bedrockHeaders({ upstream }: Target, call: InferenceCall, accept: string): Readonly<Record<string, string>> {
  const crossing = Object.entries(call.headers).filter(([name]) => !/^(openai|anthropic|x-amz)-/.test(name));
  return {
    ...Object.fromEntries(crossing),
    ...upstream.headers,
    'content-type': 'application/json',
    accept,
    ...(upstream.apiKey !== undefined && { authorization: `Bearer ${upstream.apiKey}` }),
  };
}
