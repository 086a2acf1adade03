import { errorResponses } from './error-responses.js';
import type { Operation, Paths } from './openapi-types.js';
import { ON_SUCCESS } from './response-headers.js';
import { reference } from './schema-parts.js';

const REFUSALS = errorResponses(400, 401, 404, 408, 413, 415, 429, 500, 502, 503, 504);
const REQUEST_ID = {
  name: 'x-request-id',
  in: 'header' as const,
  description: 'Your own name for this request.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,128}$' },
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
}

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
    parameters: [REQUEST_ID],
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
      ...REFUSALS,
    },
  };
}

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
};
