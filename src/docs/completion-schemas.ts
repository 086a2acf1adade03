import type { Schemas } from './openapi-types.js';
import { MODEL, nullable, SAMPLING, STREAMING, USAGE } from './schema-parts.js';

const TOKENS = { type: 'array', items: { type: 'integer' } };

export const COMPLETION_SCHEMAS: Schemas = {
  CompletionRequest: {
    type: 'object',
    required: ['model', 'prompt'],
    properties: {
      model: MODEL,
      prompt: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }, TOKENS, { type: 'array', items: TOKENS }] },
      suffix: { type: 'string' },
      max_tokens: { type: 'integer', minimum: 0 },
      echo: { type: 'boolean' },
      logprobs: { type: 'integer', minimum: 0 },
      ...STREAMING,
      ...SAMPLING,
    },
    additionalProperties: true,
  },
  Completion: {
    type: 'object',
    required: ['id', 'object', 'created', 'model', 'choices'],
    properties: {
      id: { type: 'string' },
      object: { type: 'string', enum: ['text_completion'] },
      created: { type: 'integer' },
      model: { type: 'string' },
      choices: {
        type: 'array',
        items: {
          type: 'object',
          properties: { index: { type: 'integer' }, text: { type: 'string' }, finish_reason: nullable('string') },
          additionalProperties: true,
        },
      },
      usage: USAGE,
    },
    additionalProperties: true,
  },
};
