import type { Schemas } from './openapi-types.js';
import { MODEL } from './schema-parts.js';

const TOKENS = { type: 'array', items: { type: 'integer' } };

export const EMBEDDING_SCHEMAS: Schemas = {
  EmbeddingRequest: {
    type: 'object',
    required: ['model', 'input'],
    properties: {
      model: MODEL,
      input: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }, TOKENS, { type: 'array', items: TOKENS }] },
      encoding_format: { type: 'string', enum: ['float', 'base64'], default: 'float' },
      dimensions: { type: 'integer', minimum: 1 },
      user: { type: 'string' },
    },
    additionalProperties: true,
  },
  EmbeddingList: {
    type: 'object',
    required: ['object', 'data', 'model'],
    properties: {
      object: { type: 'string', enum: ['list'] },
      data: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            object: { type: 'string', enum: ['embedding'] },
            index: { type: 'integer' },
            embedding: {
              oneOf: [
                { type: 'array', items: { type: 'number' } },
                { type: 'string', description: 'base64 of 32-bit floats, little-endian' },
              ],
            },
          },
        },
      },
      model: { type: 'string' },
      usage: { type: 'object', properties: { prompt_tokens: { type: 'integer' }, total_tokens: { type: 'integer' } } },
    },
    additionalProperties: true,
  },
};
