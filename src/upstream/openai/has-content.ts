import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import { asObject, type JsonObject } from './json-value.js';

/** Something that a user would see, or that his program would act on: text, refusal, reasoning, a tool call; not a role or an empty delta. */
export function hasContent(choice: JsonObject, endpoint: InferenceEndpoint): boolean {
  if (endpoint === 'completions') return isFilled(choice['text']);
  const delta = asObject(choice['delta']);
  if (delta === undefined) return false;
  return (
    isFilled(delta['content']) ||
    isFilled(delta['tool_calls']) ||
    isFilled(delta['reasoning_content']) ||
    isFilled(delta['reasoning']) ||
    isFilled(delta['refusal']) ||
    isFilled(delta['reasoning_details']) ||
    isFilled(delta['images']) ||
    asObject(delta['function_call']) !== undefined ||
    asObject(delta['audio']) !== undefined
  );
}

/** Content may be a list of parts. */
function isFilled(value: unknown): boolean {
  return (typeof value === 'string' || Array.isArray(value)) && value.length > 0;
}
