import type { Schema } from './openapi-types.js';

/** A schema of the components by its name. */
export function reference(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

export const USAGE = reference('Usage');

export function nullable(type: string, description?: string): Schema {
  return { type: [type, 'null'], ...(description === undefined ? {} : { description }) };
}

/** Fields that the chat and the text endpoint share. */
export const SAMPLING: Readonly<Record<string, Schema>> = {
  temperature: { type: 'number', minimum: 0, maximum: 2 },
  top_p: { type: 'number', minimum: 0, maximum: 1 },
  n: { type: 'integer', minimum: 1, default: 1 },
  stop: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  seed: { type: 'integer' },
  presence_penalty: { type: 'number', minimum: -2, maximum: 2 },
  frequency_penalty: { type: 'number', minimum: -2, maximum: 2 },
  logit_bias: { type: 'object', additionalProperties: { type: 'number' } },
  user: { type: 'string', description: 'Your end user: decides on which side of a canary he stays.' },
};

export const STREAMING: Readonly<Record<string, Schema>> = {
  stream: { type: 'boolean', default: false, description: 'true: the answer comes as server-sent events and ends with `data: [DONE]`.' },
  stream_options: {
    type: 'object',
    properties: { include_usage: { type: 'boolean', description: 'true: the last event before `[DONE]` tells the tokens.' } },
    additionalProperties: true,
  },
};

export const MODEL: Schema = {
  type: 'string',
  description: 'A route, an upstream, or any name that the default upstream takes. `GET /v1/models` lists what your key may use.',
  examples: ['mock'],
};
