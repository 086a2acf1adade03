import type { Endpoint } from '../contracts/endpoint.js';

/** What OpenTelemetry's conventions call the operation of an endpoint. */
export const OPERATION_NAMES = {
  chat_completions: 'chat',
  responses: 'chat',
  messages: 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
  count_tokens: 'count_tokens',
  models: 'models',
  other: 'other',
} as const satisfies Record<Endpoint, string>;

/** Whether it makes a model write: others keep their older metrics. */
export function isInference(endpoint: Endpoint): boolean {
  const name = OPERATION_NAMES[endpoint];
  return name === 'chat' || name === 'text_completion';
}
