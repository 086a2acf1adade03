import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { signatureOf } from './encrypted-signature.js';
import { ResponsesOutbound } from './responses-outbound.js';

const chat = new ChatInbound();
const outbound = new ResponsesOutbound();

/** What a chat client asks, as it is asked here. */
function written(body: object, model = 'gpt-4o'): Record<string, unknown> {
  const call = openaiCall({ model: 'asked', messages: [{ role: 'user', content: 'hi' }], ...body });
  return JSON.parse(outbound.write(chat.read(call), openaiTarget({}, {}, { model }), call).body.toString()) as Record<string, unknown>;
}

function refusal(body: object): GatewayError {
  try {
    written(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

it('goes to /responses with our key, and stores nothing', () => {
  const call = openaiCall({ model: 'asked', messages: [{ role: 'user', content: 'hi' }], stream: true });
  const request = outbound.write(chat.read(call), openaiTarget(), call);
  expect(request.path).toBe('/responses');
  expect(request.headers).toMatchObject({ authorization: 'Bearer sk-CANARY0123456789abcdef', accept: 'text/event-stream' });
  expect(JSON.parse(request.body.toString())).toEqual({
    model: 'inner',
    input: [{ role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
    stream: true,
    store: false,
  });
});

it('a conversation becomes items in order', () => {
  const { input } = written({
    messages: [
      { role: 'system', content: 'a' },
      { role: 'developer', content: 'b' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD', detail: 'low' } },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,QUJD' } },
        ],
      },
      { role: 'assistant', content: 'calling', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
      { role: 'tool', tool_call_id: 'c', content: 'done' },
      { role: 'assistant', refusal: 'no' },
      { role: 'user', content: 'hi' },
    ],
  });
  expect(input).toEqual([
    {
      role: 'system',
      content: [
        { type: 'input_text', text: 'a' },
        { type: 'input_text', text: 'b' },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'look' },
        { type: 'input_image', image_url: 'data:image/png;base64,QUJD', detail: 'low' },
        { type: 'input_file', filename: 'file.pdf', file_data: 'data:application/pdf;base64,QUJD' },
      ],
    },
    { role: 'assistant', content: [{ type: 'output_text', text: 'calling' }] },
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' },
    { type: 'function_call_output', call_id: 'c', output: 'done' },
    { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
    { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
  ]);
});

it('takes back what it encrypted, and no thoughts of others', () => {
  const { input } = written({
    messages: [
      {
        role: 'assistant',
        content: 'a',
        thinking_blocks: [
          { type: 'thinking', thinking: 'Hm.', signature: signatureOf('E1') },
          { type: 'redacted_thinking', data: signatureOf('E2') },
          { type: 'thinking', thinking: 'theirs', signature: 'S' },
        ],
      },
      { role: 'user', content: 'hi' },
    ],
  });
  expect((input as object[]).slice(0, -1)).toEqual([
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'E1' },
    { type: 'reasoning', summary: [], encrypted_content: 'E2' },
    { role: 'assistant', content: [{ type: 'output_text', text: 'a' }] },
  ]);
});

it('an id that is too long is the same short one at the call and its result', () => {
  const id = `call_${'x'.repeat(90)}`;
  const { input } = written({
    messages: [
      { role: 'assistant', tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: id, content: 'done' },
    ],
  });
  const [call, result] = input as { call_id: string }[];
  expect(call?.call_id.length).toBeLessThanOrEqual(64);
  expect(result?.call_id).toBe(call?.call_id);
});

const SCHEMA = { type: 'object', properties: { a: { type: 'string' } } };

it.each([
  [{ max_tokens: 9 }, { max_output_tokens: 9 }],
  [
    { max_completion_tokens: 9, temperature: 1, top_p: 0.5 },
    { max_output_tokens: 9, temperature: 1, top_p: 0.5 },
  ],
  [
    { logprobs: true, top_logprobs: 2 },
    { include: ['message.output_text.logprobs'], top_logprobs: 2 },
  ],
  [{ logprobs: true }, { include: ['message.output_text.logprobs'] }],
  [{ response_format: { type: 'json_object' } }, { text: { format: { type: 'json_object' } } }],
  [
    { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: SCHEMA } }, verbosity: 'low' },
    { text: { format: { type: 'json_schema', name: 'n', schema: SCHEMA, strict: false }, verbosity: 'low' } },
  ],
  [
    { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: { type: 'function', function: { name: 'f' } } },
    {
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false }],
      tool_choice: { type: 'function', name: 'f' },
    },
  ],
  [
    { tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: SCHEMA, strict: true } }], parallel_tool_calls: false },
    { tools: [{ type: 'function', name: 'f', description: 'd', parameters: SCHEMA, strict: true }], parallel_tool_calls: false },
  ],
  [{ reasoning_effort: 'high' }, { reasoning: { effort: 'high' }, include: ['reasoning.encrypted_content'] }],
  [{ reasoning_effort: 'none' }, { reasoning: { effort: 'none' } }],
  [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, { reasoning: { effort: 'medium' }, include: ['reasoning.encrypted_content'] }],
  [
    { reasoning_effort: 'low', store: true },
    { reasoning: { effort: 'low' }, store: true },
  ],
  [
    { user: 'u', metadata: { a: 'b' }, service_tier: 'flex' },
    { user: 'u', metadata: { a: 'b' }, service_tier: 'flex' },
  ],
  [
    { web_search_options: { search_context_size: 'low', user_location: { type: 'approximate', approximate: { country: 'DE' } } } },
    { tools: [{ type: 'web_search', search_context_size: 'low', user_location: { type: 'approximate', country: 'DE' } }] },
  ],
  [{ brand_new: 1 }, { brand_new: 1 }],
  [{ seed: 1, frequency_penalty: 0, presence_penalty: 0, n: 1, logit_bias: {}, modalities: ['text'], prediction: { type: 'content' } }, {}],
])('%j is said as %j', (body, expected) => {
  const { model: _model, input: _input, ...rest } = written(body);
  expect(rest).toEqual({ store: false, ...expected });
});

it.each([
  ['o1-pro', true],
  ['gpt-5-codex', true],
  ['openai/gpt-5.1', true],
  ['codex-mini-latest', true],
  ['gpt-5-chat-latest', false],
  ['gpt-4o', false],
])('thoughts of %s are asked for: %s', (model, asked) => {
  expect(written({}, model)['include']).toEqual(asked ? ['reasoning.encrypted_content'] : undefined);
});

it.each([
  [{ n: 2 }, 'n'],
  [{ stop: ['a'] }, 'stop'],
  [{ top_k: 5 }, 'top_k'],
  [{ frequency_penalty: 1 }, 'frequency_penalty'],
  [{ presence_penalty: 1 }, 'presence_penalty'],
  [{ logit_bias: { 1: 5 } }, 'logit_bias'],
  [{ modalities: ['text', 'audio'] }, 'modalities'],
  [{ messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } }] }] }, 'messages'],
])('%j is refused by its name', (body, param) => {
  expect(refusal(body)).toMatchObject({ code: 'invalid_value', details: { param } });
});
