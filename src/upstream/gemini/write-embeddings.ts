import type { InferenceCall } from '../../contracts/inference-call.js';
import type { JsonObject } from '../openai/json-value.js';
import { embeddingInput } from './embedding-input.js';

/** `batchEmbedContents`, for one text as for many. */
export function writeEmbeddings(call: InferenceCall, model: string): JsonObject {
  const { texts, ...settings } = embeddingInput(call);
  const name = /^(models|tunedModels)\//.test(model) ? model : `models/${model}`;
  return { requests: texts.map((text) => ({ model: name, content: { parts: [{ text }] }, ...settings })) };
}
