import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { fieldValue } from '../../json/read-field.js';
import { embeddingInput } from '../gemini/embedding-input.js';
import type { JsonObject } from '../openai/json-value.js';

/** The body of InvokeModel for a model of Cohere, or of Amazon's Titan and Nova, which take one text a call. */
export function writeEmbeddings(call: InferenceCall, model: string): JsonObject {
  const { texts, outputDimensionality: dimensions } = embeddingInput(call);
  if (model.includes('cohere.embed')) return cohere(call, model, texts, dimensions);
  const isNova = /nova-[^/]*embeddings/.test(model);
  if (!isNova && !model.includes('titan-embed'))
    throw new GatewayError('invalid_value', 'This model gives no embeddings here: ask for one of Cohere, Titan or Nova.', { param: 'model' });
  const [inputText = ''] = texts;
  if (texts.length > 1) throw new GatewayError('invalid_value', 'With this model, input is one text a call.', { param: 'input' });
  if (isNova) return nova(call, inputText, dimensions);
  if (model.includes('titan-embed-image'))
    return { inputText, ...(dimensions !== undefined && { embeddingConfig: { outputEmbeddingLength: dimensions } }) };
  if (!model.includes('titan-embed-text-v2')) {
    if (dimensions !== undefined) throw fixedLength();
    return { inputText };
  }
  const normalize = fieldValue(call.body, call, 'normalize');
  return { inputText, ...(dimensions !== undefined && { dimensions }), ...(typeof normalize === 'boolean' && { normalize }) };
}

function cohere(call: InferenceCall, model: string, texts: readonly string[], dimensions: number | undefined): JsonObject {
  const isFourth = model.includes('embed-v4');
  if (dimensions !== undefined && !isFourth) throw fixedLength();
  const truncate = fieldValue(call.body, call, 'truncate');
  return {
    texts,
    input_type: word(fieldValue(call.body, call, 'input_type')) ?? 'search_document',
    ...(typeof truncate === 'string' && { truncate }),
    ...(isFourth && { embedding_types: ['float'] }),
    ...(dimensions !== undefined && { output_dimension: dimensions }),
  };
}

/** What it is for is said in Nova's own words (`embeddingPurpose`), or as Cohere's users say it. */
function nova(call: InferenceCall, value: string, embeddingDimension: number | undefined): JsonObject {
  const field = (name: string): string | undefined => word(fieldValue(call.body, call, name));
  return {
    taskType: 'SINGLE_EMBEDDING',
    singleEmbeddingParams: {
      embeddingPurpose: field('embeddingPurpose') ?? PURPOSES[field('input_type') ?? ''] ?? 'GENERIC_INDEX',
      ...(embeddingDimension !== undefined && { embeddingDimension }),
      text: { truncationMode: field('truncate') ?? 'END', value },
    },
  };
}

const PURPOSES: Readonly<Record<string, string>> = { search_query: 'GENERIC_RETRIEVAL', classification: 'CLASSIFICATION', clustering: 'CLUSTERING' };

function fixedLength(): GatewayError {
  return new GatewayError('invalid_value', 'The embeddings of this model have one length. Leave dimensions out.', { param: 'dimensions' });
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
