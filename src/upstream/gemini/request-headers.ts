import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';

/** With the key where Gemini wants it: an address is written into logs, a header is not. */
export function requestHeaders({ upstream }: Target, call: InferenceCall): Readonly<Record<string, string>> {
  return { ...commonHeaders(upstream.headers, call), ...(upstream.apiKey !== undefined && { 'x-goog-api-key': upstream.apiKey }) };
}

/** All but what says who we are. What the client says to OpenAI alone stays here. */
export function commonHeaders(provider: Readonly<Record<string, string>>, call: InferenceCall): Readonly<Record<string, string>> {
  const { 'openai-beta': _, ...crossing } = call.headers;
  return {
    ...crossing,
    ...provider,
    'content-type': 'application/json',
    accept: call.stream ? 'text/event-stream' : 'application/json',
  };
}
