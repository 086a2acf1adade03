import type { Schemas } from './openapi-types.js';
import { MODEL, nullable, reference } from './schema-parts.js';

export const RESPONSES_SCHEMAS: Schemas = {
  ResponseRequest: {
    type: 'object',
    description:
      'Fields that are not named here reach upstreams that speak Responses themselves. `previous_response_id`, `conversation`, `prompt` and `background` need such an upstream; elsewhere they are refused.',
    required: ['model', 'input'],
    properties: {
      model: MODEL,
      input: { oneOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: reference('ResponseItem') }] },
      instructions: nullable('string'),
      stream: { type: 'boolean', default: false, description: 'true: the answer comes as server-sent events and ends with `response.completed`.' },
      store: { type: 'boolean', description: 'Nothing is stored here: the answer says `false`.' },
      max_output_tokens: { type: 'integer', minimum: 1 },
      tools: {
        type: 'array',
        description: 'Functions and custom tools everywhere. Tools that a provider runs itself are left out where the model is served otherwise.',
        items: {
          type: 'object',
          required: ['type'],
          properties: {
            type: { type: 'string' },
            name: { type: 'string' },
            description: { type: 'string' },
            parameters: { type: 'object', description: 'A JSON Schema' },
            strict: { type: 'boolean' },
          },
          additionalProperties: true,
        },
      },
      tool_choice: { oneOf: [{ type: 'string', enum: ['none', 'auto', 'required'] }, { type: 'object' }] },
      parallel_tool_calls: { type: 'boolean' },
      text: { type: 'object', description: '`{"format":{"type":"json_schema","name":…,"schema":{…}}}`', additionalProperties: true },
      reasoning: {
        type: 'object',
        properties: { effort: nullable('string'), summary: nullable('string') },
        additionalProperties: true,
      },
      include: { type: 'array', items: { type: 'string' } },
      temperature: { type: 'number', minimum: 0, maximum: 2 },
      top_p: { type: 'number', minimum: 0, maximum: 1 },
      user: { type: 'string', description: 'Your end user: decides on which side of a canary he stays.' },
    },
    additionalProperties: true,
  },
  ResponseItem: {
    type: 'object',
    description: 'A message, a `function_call` and its `function_call_output`, a `custom_tool_call` and its output, a `reasoning`.',
    properties: {
      type: { type: 'string' },
      role: { type: 'string', enum: ['system', 'developer', 'user', 'assistant'] },
      content: {
        oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'object', description: 'Text, image or file', additionalProperties: true } }],
      },
    },
    additionalProperties: true,
  },
  Response: {
    type: 'object',
    required: ['id', 'object', 'created_at', 'model', 'status', 'output'],
    properties: {
      id: { type: 'string' },
      object: { type: 'string', enum: ['response'] },
      created_at: { type: 'integer', description: 'Seconds since 1970' },
      model: { type: 'string', description: 'The name you asked for; after a fallback, the upstream that answered.' },
      status: { type: 'string', enum: ['in_progress', 'completed', 'incomplete', 'failed'] },
      output: { type: 'array', items: reference('ResponseItem') },
      error: { oneOf: [{ type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } }, { type: 'null' }] },
      incomplete_details: { oneOf: [{ type: 'object', properties: { reason: { type: 'string' } } }, { type: 'null' }] },
      usage: { oneOf: [reference('ResponseUsage'), { type: 'null' }] },
    },
    additionalProperties: true,
  },
  ResponseUsage: {
    type: 'object',
    properties: {
      input_tokens: { type: 'integer' },
      output_tokens: { type: 'integer' },
      total_tokens: { type: 'integer' },
      input_tokens_details: { type: 'object', properties: { cached_tokens: { type: 'integer' } }, additionalProperties: true },
      output_tokens_details: { type: 'object', properties: { reasoning_tokens: { type: 'integer' } }, additionalProperties: true },
    },
    additionalProperties: true,
  },
  ResponseEvent: {
    type: 'object',
    description: 'One event of a stream, after `data: `.',
    required: ['type', 'sequence_number'],
    properties: { type: { type: 'string' }, sequence_number: { type: 'integer' }, response: reference('Response') },
    additionalProperties: true,
  },
};
