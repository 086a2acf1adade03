import type { Schemas } from './openapi-types.js';
import { MODEL, nullable, reference } from './schema-parts.js';

const BLOCKS = { type: 'array', items: reference('ContentBlock') };
const TEXT_OR_BLOCKS = { oneOf: [{ type: 'string' }, BLOCKS] };
const PROMPT = {
  model: MODEL,
  messages: { type: 'array', minItems: 1, items: reference('MessageParam') },
  system: TEXT_OR_BLOCKS,
  tools: {
    type: 'array',
    items: {
      type: 'object',
      required: ['name'],
      properties: {
        type: { type: 'string', description: '`custom`, or one that Anthropic defines (`bash_20250124`), for its own models alone' },
        name: { type: 'string' },
        description: { type: 'string' },
        input_schema: { type: 'object', description: 'A JSON Schema' },
      },
      additionalProperties: true,
    },
  },
  tool_choice: { type: 'object', description: '`{"type":"auto"}`, `any`, `none`, or `tool` with a `name`', additionalProperties: true },
  thinking: { type: 'object', description: '`{"type":"enabled","budget_tokens":1024}` or `{"type":"adaptive"}`', additionalProperties: true },
};

export const MESSAGES_SCHEMAS: Schemas = {
  MessageRequest: {
    type: 'object',
    description: "Fields that are not named here reach Anthropic's own upstreams as they are.",
    required: ['model', 'messages', 'max_tokens'],
    properties: {
      ...PROMPT,
      max_tokens: { type: 'integer', minimum: 1 },
      stream: { type: 'boolean', default: false, description: 'true: the answer comes as server-sent events and ends with `message_stop`.' },
      stop_sequences: { type: 'array', items: { type: 'string' } },
      temperature: { type: 'number', minimum: 0, maximum: 1, description: 'Not in the version 2026-10-21.' },
      top_p: { type: 'number', minimum: 0, maximum: 1, description: 'Not in the version 2026-10-21.' },
      top_k: { type: 'integer', minimum: 0, description: 'Not in the version 2026-10-21.' },
      metadata: {
        type: 'object',
        properties: { user_id: { type: 'string', description: 'Your end user: decides on which side of a canary he stays.' } },
        additionalProperties: true,
      },
    },
    additionalProperties: true,
  },
  CountTokensRequest: { type: 'object', required: ['model', 'messages'], properties: PROMPT, additionalProperties: true },
  TokenCount: { type: 'object', required: ['input_tokens'], properties: { input_tokens: { type: 'integer' } }, additionalProperties: true },
  MessageParam: {
    type: 'object',
    required: ['role', 'content'],
    properties: { role: { type: 'string', enum: ['user', 'assistant', 'system'] }, content: TEXT_OR_BLOCKS },
    additionalProperties: true,
  },
  ContentBlock: {
    type: 'object',
    description: '`text`, `image`, `document`, `thinking`, `tool_use`, `tool_result`.',
    required: ['type'],
    properties: { type: { type: 'string' }, text: { type: 'string' } },
    additionalProperties: true,
  },
  Message: {
    type: 'object',
    required: ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'usage'],
    properties: {
      id: { type: 'string' },
      type: { type: 'string', enum: ['message'] },
      role: { type: 'string', enum: ['assistant'] },
      model: { type: 'string', description: 'The name you asked for; after a fallback, the upstream that answered.' },
      content: BLOCKS,
      stop_reason: nullable('string', 'end_turn, max_tokens, stop_sequence, tool_use or refusal'),
      stop_sequence: nullable('string'),
      usage: reference('MessageUsage'),
    },
    additionalProperties: true,
  },
  MessageUsage: {
    type: 'object',
    properties: {
      input_tokens: { type: 'integer', description: 'Those read from a cache and written to one are not among them.' },
      output_tokens: { type: 'integer' },
      cache_read_input_tokens: nullable('integer'),
      cache_creation_input_tokens: nullable('integer'),
    },
    additionalProperties: true,
  },
  MessageEvent: {
    type: 'object',
    description: 'One event of a stream, after `data: `; its name stands before it as `event: `.',
    required: ['type'],
    properties: { type: { type: 'string' } },
    additionalProperties: true,
  },
  AnthropicError: {
    type: 'object',
    description:
      "Refusals of the paths below `/v1/messages` have this shape. In a stream it comes as one event named `error`, and nothing follows. A refusal of Anthropic's comes in its own bytes.",
    required: ['type', 'error'],
    properties: {
      type: { type: 'string', enum: ['error'] },
      error: {
        type: 'object',
        required: ['type', 'message'],
        properties: { type: { type: 'string' }, message: { type: 'string' }, details: { type: 'object' } },
      },
    },
    additionalProperties: true,
  },
};
