import type { InferenceCall } from '../../contracts/inference-call.js';
import { fieldValue } from '../../json/read-field.js';
import { embeddingInput } from '../gemini/embedding-input.js';
import type { JsonObject } from '../openai/json-value.js';

/** `/v2/embed`. `input_type` says what the vectors are for, and must be told: texts to be found later, where the client does not say it. Images are `data:` addresses. */
export function writeEmbeddings(call: InferenceCall, model: string): JsonObject {
  const { texts, outputDimensionality } = embeddingInput(call);
  const field = (name: string): unknown => fieldValue(call.body, call, name) ?? undefined;
  const areImages = texts.every((text) => /^data:image\//i.test(text));
  return {
    model,
    ...(areImages ? { images: texts } : { texts }),
    input_type: field('input_type') ?? (areImages ? 'image' : 'search_document'),
    embedding_types: [field('encoding_format') === 'base64' && !FLOATS_ONLY.test(model) ? 'base64' : 'float'],
    ...(outputDimensionality !== undefined && { output_dimension: outputDimensionality }),
    ...(field('truncate') !== undefined && { truncate: field('truncate') }),
  };
}

const FLOATS_ONLY = /-v2\.0$/;
