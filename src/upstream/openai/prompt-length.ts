import type { InferenceCall } from '../../contracts/inference-call.js';
import { fieldValue } from '../../json/read-field.js';
import { asArray } from './json-value.js';

/** Characters of a completion's one prompt: where its answer begins. */
export function promptLength(call: InferenceCall): number {
  const prompt = fieldValue(call.body, call, 'prompt');
  const text = asArray(prompt)?.[0] ?? prompt;
  return typeof text === 'string' ? [...text].length : 0;
}
