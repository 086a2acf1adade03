import type { Endpoint, InferenceEndpoint } from '../contracts/endpoint.js';

/** The endpoints whose bodies are read as calls, and whether they stream: where it does not, `stream` is left to the upstream. */
export const CAN_STREAM = {
  chat_completions: true,
  completions: true,
  embeddings: false,
  responses: true,
  messages: true,
  count_tokens: false,
} as const satisfies Record<InferenceEndpoint, boolean>;

export function isInference(endpoint: Endpoint): endpoint is InferenceEndpoint {
  return Object.hasOwn(CAN_STREAM, endpoint);
}
