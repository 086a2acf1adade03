import { anthropicErrorResponses, errorResponses } from './error-responses.js';
import type { Operation, Paths } from './openapi-types.js';
import { ON_SUCCESS } from './response-headers.js';
import { reference } from './schema-parts.js';

const STATUSES = [400, 401, 404, 408, 413, 415, 429, 500, 502, 503, 504];
const REFUSALS = errorResponses(...STATUSES);
const ANTHROPIC_REFUSALS = anthropicErrorResponses(...STATUSES);
const REQUEST_ID = {
  name: 'x-request-id',
  in: 'header' as const,
  description: 'Your own name for this request.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,128}$' },
};
const VERSION = {
  name: 'anthropic-version',
  in: 'header' as const,
  description: "The version of Anthropic's API that the body is written in. It goes on to Anthropic's own upstreams.",
  schema: { type: 'string', enum: ['2023-06-01', '2026-10-21'] },
};

interface InferenceWords {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly request: string;
  readonly answer: string;
  readonly requests: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
  readonly answers: unknown;
  /** What a stream looks like; undefined: it does not stream. */
  readonly stream?: string;
  /** It is an operation of Anthropic's wire, refusals and all. */
  readonly isAnthropic?: true;
}

const named = (data: { readonly type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
const chunk = (delta: object, finish: string | null): string =>
  event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1760000000,
    model: 'mock',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
const USAGE = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const HELLO = [{ role: 'user', content: 'Say hello.' }];

function inference(words: InferenceWords): Operation {
  return {
    tags: ['Inference'],
    operationId: words.id,
    summary: words.summary,
    description: words.description,
    parameters: words.isAnthropic === true ? [REQUEST_ID, VERSION] : [REQUEST_ID],
    requestBody: { required: true, content: { 'application/json': { schema: reference(words.request), examples: { ...words.requests } } } },
    responses: {
      '200': {
        description: words.stream === undefined ? 'The answer.' : 'The answer: JSON, or with `stream: true` events as they arrive.',
        headers: ON_SUCCESS,
        content: {
          'application/json': { schema: reference(words.answer), example: words.answers },
          ...(words.stream === undefined ? {} : { 'text/event-stream': { schema: { type: 'string' }, example: words.stream } }),
        },
      },
      ...(words.isAnthropic === true ? ANTHROPIC_REFUSALS : REFUSALS),
    },
  };
}

const WEATHER = {
  name: 'weather',
  description: 'The weather now',
  schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  created_at: 1760000000,
  model: 'mock',
  status: 'completed',
  error: null,
  incomplete_details: null,
  output: [
    {
      type: 'message',
      id: 'msg_1',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Hello!', annotations: [] }],
    },
  ],
  usage: { input_tokens: 9, output_tokens: 3, total_tokens: 12 },
};
const BEGUN = { ...RESPONSE, status: 'in_progress', output: [], usage: null };
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'mock',
  content: [{ type: 'text', text: 'Hello!' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 9, output_tokens: 3 },
};

export const INFERENCE_PATHS: Paths = {
  '/v1/chat/completions': {
    post: inference({
      id: 'createChatCompletion',
      summary: 'Answer a conversation',
      description: "OpenAI's chat completions. The body reaches the upstream as it came but for the model's name.",
      request: 'ChatCompletionRequest',
      answer: 'ChatCompletion',
      requests: {
        plain: { summary: 'One answer', value: { model: 'mock', messages: HELLO } },
        stream: { summary: 'As it is written', value: { model: 'mock', messages: HELLO, stream: true, stream_options: { include_usage: true } } },
        tools: {
          summary: 'With a tool',
          value: {
            model: 'mock',
            messages: [{ role: 'user', content: 'What is the weather in Graz?' }],
            tools: [
              {
                type: 'function',
                function: {
                  name: 'weather',
                  description: 'The weather now',
                  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
                },
              },
            ],
          },
        },
      },
      answers: {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1760000000,
        model: 'mock',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello!' }, finish_reason: 'stop' }],
        usage: USAGE,
      },
      stream: `${chunk({ role: 'assistant', content: 'Hello' }, null)}${chunk({ content: '!' }, null)}${chunk({}, 'stop')}${event({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1760000000, model: 'mock', choices: [], usage: USAGE })}data: [DONE]\n\n`,
    }),
  },
  '/v1/completions': {
    post: inference({
      id: 'createCompletion',
      summary: 'Continue a text',
      description: "OpenAI's older completions, also for filling in the middle of code.",
      request: 'CompletionRequest',
      answer: 'Completion',
      requests: {
        plain: { summary: 'One answer', value: { model: 'mock', prompt: 'Once upon a time', max_tokens: 16 } },
        stream: { summary: 'As it is written', value: { model: 'mock', prompt: 'Once upon a time', max_tokens: 16, stream: true } },
      },
      answers: {
        id: 'cmpl-1',
        object: 'text_completion',
        created: 1760000000,
        model: 'mock',
        choices: [{ index: 0, text: ' there was', finish_reason: 'length' }],
        usage: USAGE,
      },
      stream: `${event({ id: 'cmpl-1', object: 'text_completion', created: 1760000000, model: 'mock', choices: [{ index: 0, text: ' there was', finish_reason: 'length' }] })}data: [DONE]\n\n`,
    }),
  },
  '/v1/embeddings': {
    post: inference({
      id: 'createEmbedding',
      summary: 'Turn texts into vectors',
      description: "OpenAI's embeddings.",
      request: 'EmbeddingRequest',
      answer: 'EmbeddingList',
      requests: {
        one: { summary: 'One text', value: { model: 'mock', input: 'The sea is calm.' } },
        several: { summary: 'Several texts', value: { model: 'mock', input: ['The sea is calm.', 'The sea is rough.'], encoding_format: 'float' } },
      },
      answers: {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.1, -0.2, 0.3] }],
        model: 'mock',
        usage: { prompt_tokens: 5, total_tokens: 5 },
      },
    }),
  },
  '/v1/responses': {
    post: inference({
      id: 'createResponse',
      summary: 'Answer a conversation, as agents ask',
      description:
        "OpenAI's Responses. Upstreams that speak them get the body as it came but for the model's name; for all others it is translated, and nothing is remembered between calls: send the whole conversation.",
      request: 'ResponseRequest',
      answer: 'Response',
      requests: {
        plain: { summary: 'One answer', value: { model: 'mock', input: 'Say hello.' } },
        stream: { summary: 'As it is written', value: { model: 'mock', input: HELLO, stream: true, store: false } },
        tools: {
          summary: 'With a tool',
          value: {
            model: 'mock',
            input: 'What is the weather in Graz?',
            tools: [{ type: 'function', name: WEATHER.name, description: WEATHER.description, parameters: WEATHER.schema, strict: false }],
          },
        },
      },
      answers: RESPONSE,
      // Shortened: the events between are those of the item and of its part.
      stream: [
        { type: 'response.created', sequence_number: 0, response: BEGUN },
        { type: 'response.output_text.delta', sequence_number: 4, item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'Hello!' },
        { type: 'response.completed', sequence_number: 8, response: RESPONSE },
      ]
        .map(named)
        .join(''),
    }),
  },
  '/v1/messages': {
    post: inference({
      id: 'createMessage',
      summary: "Answer a conversation in Anthropic's words",
      description:
        "Anthropic's Messages. Anthropic's own upstreams get the body as it came but for the model's name, with every `anthropic-*` header; for all others it is translated.",
      request: 'MessageRequest',
      answer: 'Message',
      isAnthropic: true,
      requests: {
        plain: { summary: 'One answer', value: { model: 'mock', max_tokens: 256, messages: HELLO } },
        stream: { summary: 'As it is written', value: { model: 'mock', max_tokens: 256, messages: HELLO, stream: true } },
        tools: {
          summary: 'With a tool',
          value: {
            model: 'mock',
            max_tokens: 256,
            messages: [{ role: 'user', content: 'What is the weather in Graz?' }],
            tools: [{ name: WEATHER.name, description: WEATHER.description, input_schema: WEATHER.schema }],
          },
        },
      },
      answers: MESSAGE,
      stream: [
        { type: 'message_start', message: { ...MESSAGE, content: [], stop_reason: null, usage: { input_tokens: 9, output_tokens: 0 } } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello!' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
        { type: 'message_stop' },
      ]
        .map(named)
        .join(''),
    }),
  },
  '/v1/messages/count_tokens': {
    post: inference({
      id: 'countTokens',
      summary: 'How long is a prompt?',
      description: 'Asked of upstreams that can count, estimated for all others. Costs nothing of the limit.',
      request: 'CountTokensRequest',
      answer: 'TokenCount',
      isAnthropic: true,
      requests: { plain: { summary: 'One prompt', value: { model: 'mock', messages: HELLO } } },
      answers: { input_tokens: 9 },
    }),
  },
};
