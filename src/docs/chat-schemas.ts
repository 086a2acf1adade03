import type { Schemas } from './openapi-types.js';
import { MODEL, nullable, reference, SAMPLING, STREAMING, USAGE } from './schema-parts.js';

const TOOL_CALLS = { type: 'array', items: reference('ToolCall') };

export const CHAT_SCHEMAS: Schemas = {
  ChatCompletionRequest: {
    type: 'object',
    description: 'Fields that are not named here reach the upstream as they are.',
    required: ['model', 'messages'],
    properties: {
      model: MODEL,
      messages: { type: 'array', minItems: 1, items: reference('ChatMessage') },
      ...STREAMING,
      max_completion_tokens: { type: 'integer', minimum: 1 },
      max_tokens: { type: 'integer', minimum: 1, deprecated: true },
      tools: { type: 'array', items: reference('Tool') },
      tool_choice: { oneOf: [{ type: 'string', enum: ['none', 'auto', 'required'] }, { type: 'object' }] },
      parallel_tool_calls: { type: 'boolean' },
      response_format: { type: 'object', description: '`{"type":"json_object"}` or `{"type":"json_schema","json_schema":{…}}`' },
      reasoning_effort: { type: 'string' },
      logprobs: { type: 'boolean' },
      top_logprobs: { type: 'integer', minimum: 0, maximum: 20 },
      metadata: { type: 'object', additionalProperties: { type: 'string' } },
      ...SAMPLING,
    },
    additionalProperties: true,
  },
  ChatMessage: {
    type: 'object',
    required: ['role'],
    properties: {
      role: { type: 'string', enum: ['system', 'developer', 'user', 'assistant', 'tool'] },
      content: {
        oneOf: [
          { type: 'string' },
          { type: 'array', items: { type: 'object', description: 'Text, image, audio or file', additionalProperties: true } },
          { type: 'null' },
        ],
      },
      name: { type: 'string' },
      tool_calls: TOOL_CALLS,
      tool_call_id: { type: 'string', description: 'With the role `tool`: the call that this is the result of.' },
    },
    additionalProperties: true,
  },
  Tool: {
    type: 'object',
    required: ['type'],
    properties: {
      type: { type: 'string', description: '`function`, or `custom`: a tool whose input is a text' },
      function: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          description: { type: 'string' },
          parameters: { type: 'object', description: 'A JSON Schema' },
          strict: { type: 'boolean' },
        },
      },
      custom: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, description: { type: 'string' }, format: { type: 'object', additionalProperties: true } },
      },
    },
    additionalProperties: true,
  },
  ToolCall: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      type: { type: 'string', enum: ['function', 'custom'] },
      function: {
        type: 'object',
        properties: { name: { type: 'string' }, arguments: { type: 'string', description: 'JSON as the model wrote it' } },
      },
      custom: { type: 'object', properties: { name: { type: 'string' }, input: { type: 'string' } } },
    },
    additionalProperties: true,
  },
  ChatCompletion: {
    type: 'object',
    required: ['id', 'object', 'created', 'model', 'choices'],
    properties: {
      id: { type: 'string' },
      object: { type: 'string', enum: ['chat.completion'] },
      created: { type: 'integer', description: 'Seconds since 1970' },
      model: { type: 'string', description: 'The name you asked for; after a fallback, the upstream that answered.' },
      choices: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            index: { type: 'integer' },
            message: reference('ChatMessage'),
            finish_reason: nullable('string', 'stop, length, tool_calls or content_filter'),
          },
          additionalProperties: true,
        },
      },
      usage: USAGE,
    },
    additionalProperties: true,
  },
  ChatCompletionChunk: {
    type: 'object',
    description: 'One event of a stream, after `data: `.',
    required: ['id', 'object', 'created', 'model', 'choices'],
    properties: {
      id: { type: 'string' },
      object: { type: 'string', enum: ['chat.completion.chunk'] },
      created: { type: 'integer' },
      model: { type: 'string' },
      choices: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            index: { type: 'integer' },
            delta: {
              type: 'object',
              properties: { role: { type: 'string' }, content: nullable('string'), tool_calls: TOOL_CALLS },
              additionalProperties: true,
            },
            finish_reason: nullable('string'),
          },
          additionalProperties: true,
        },
      },
      usage: { oneOf: [USAGE, { type: 'null' }] },
    },
    additionalProperties: true,
  },
  Usage: {
    type: 'object',
    properties: {
      prompt_tokens: { type: 'integer' },
      completion_tokens: { type: 'integer' },
      total_tokens: { type: 'integer' },
      prompt_tokens_details: { type: 'object', properties: { cached_tokens: { type: 'integer' } }, additionalProperties: true },
      completion_tokens_details: { type: 'object', properties: { reasoning_tokens: { type: 'integer' } }, additionalProperties: true },
    },
    additionalProperties: true,
  },
};
