import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { readSliced, told } from '../../../test/doubles/told-events.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { AnthropicOutbound } from './anthropic-outbound.js';

const anthropic = new AnthropicOutbound();
const chat = new ChatInbound();
const user = { role: 'user', content: 'hi' };
const MODEL = 'claude-sonnet-4-5';

function write(body: object, model = MODEL, part: Partial<InferenceCall> = {}): ReturnType<AnthropicOutbound['write']> {
  const call = openaiCall({ model: 'chat', messages: [user], ...body }, part);
  const target = { ...openaiTarget({}, { baseUrl: 'http://127.0.0.1:9' }), model };
  return anthropic.write(chat.read(call), target, call);
}
const written = (body: object, model = MODEL): Record<string, unknown> => JSON.parse(write(body, model).body.toString()) as Record<string, unknown>;
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } } } } };

function refusalOf(body: object): GatewayError {
  try {
    write(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('taken');
}

it('a call goes with our key and this version, whatever the client sent', () => {
  const headers = { 'openai-beta': 'x', 'anthropic-version': '2026-10-21', 'anthropic-beta': 'a, b', 'x-request-id': 'r' };
  const request = write({ stream: true }, MODEL, { headers, stream: true });
  expect(request.path).toBe('/v1/messages');
  expect(request.headers).toEqual({
    'x-request-id': 'r',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'a,b',
    'x-api-key': 'sk-CANARY0123456789abcdef',
    'content-type': 'application/json',
    accept: 'text/event-stream',
  });
  expect(JSON.parse(request.body.toString())).toMatchObject({ model: MODEL, stream: true });
});

it.each([
  ['http://a.example', '/v1/messages'],
  ['http://a.example/v1', '/messages'],
  ['http://a.example/v1/messages', ''],
  ['http://a.example/anthropic', '/v1/messages'],
])('a base of %s is followed by %s', (baseUrl, path) => {
  const call = openaiCall({ model: 'chat', messages: [user] });
  expect(anthropic.write(chat.read(call), openaiTarget({}, { baseUrl }), call).path).toBe(path);
});

it('a conversation alternates, results stand first, empty texts and unsigned thoughts are left out', () => {
  const call = (id: string): object => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } });
  const { system, messages, tools, tool_choice } = written({
    messages: [
      { role: 'system', content: 'one' },
      { role: 'developer', content: [{ type: 'text', text: 'two', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      user,
      {
        role: 'user',
        content: [
          { type: 'text', text: '' },
          { type: 'text', text: 'more' },
        ],
      },
      { role: 'assistant', content: 'see', reasoning_content: 'unsigned', tool_calls: [call('c1'), call('c:2')] },
      { role: 'tool', tool_call_id: 'c1', content: 'r1' },
      { role: 'user', content: 'and' },
      { role: 'tool', tool_call_id: 'c:2', content: 'r2' },
      {
        role: 'assistant',
        thinking_blocks: [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          { type: 'redacted_thinking', data: 'd' },
        ],
        content: 'end  ',
      },
    ],
  });
  expect(system).toEqual([
    { type: 'text', text: 'one' },
    { type: 'text', text: 'two', cache_control: { type: 'ephemeral', ttl: '1h' } },
  ]);
  expect(messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hi' },
        { type: 'text', text: 'more' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'see' },
        { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 } },
        { type: 'tool_use', id: 'c_2', name: 'f', input: { a: 1 } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'c1', content: 'r1' },
        { type: 'tool_result', tool_use_id: 'c_2', content: 'r2' },
        { type: 'text', text: 'and' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'redacted_thinking', data: 'd' },
        { type: 'text', text: 'end' },
      ],
    },
  ]);
  // A history of calls needs a tool, and none may be called.
  expect(tools).toHaveLength(1);
  expect(tool_choice).toEqual({ type: 'none' });
});

it('what other providers signed or encrypted stays here, and the model is not asked to go on with it', () => {
  const foreign = ['gemini.thought.AA==', 'enc1.gAAA', 'nx1.WyJ'];
  const answer = (blocks: object[]): object => ({
    role: 'assistant',
    content: null,
    thinking_blocks: blocks,
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
  });
  const thinks = (blocks: object[]): Record<string, unknown> =>
    written({
      messages: [user, answer(blocks), { role: 'tool', tool_call_id: 'c1', content: 'r' }],
      tools: [tool],
      reasoning_effort: 'low',
      max_tokens: 4_000,
    });
  const others = thinks([
    ...foreign.map((signature) => ({ type: 'thinking', thinking: 'hm', signature })),
    ...foreign.map((data) => ({ type: 'redacted_thinking', data })),
  ]);
  expect((others['messages'] as object[])[1]).toEqual({ role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: {} }] });
  expect(others).not.toHaveProperty('thinking');
  const own = thinks([{ type: 'thinking', thinking: 'hm', signature: 'Eq+/A==' }]);
  expect((own['messages'] as { content: object[] }[])[1]?.content[0]).toEqual({ type: 'thinking', thinking: 'hm', signature: 'Eq+/A==' });
  expect(own).toHaveProperty('thinking');
});

it.each([
  [
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
  ],
  [
    { type: 'image_url', image_url: { url: 'https://a.example/b' } },
    { type: 'image', source: { type: 'url', url: 'https://a.example/b' } },
  ],
  [
    { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
    { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' }, title: 'a.pdf' },
  ],
  [
    { type: 'file', file: { file_data: 'data:text/csv;base64,YSxi' } },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } },
  ],
  [
    { type: 'file', file: { file_id: 'file_1' } },
    { type: 'document', source: { type: 'file', file_id: 'file_1' } },
  ],
])('what is no text: %j', (part, block) => {
  expect(written({ messages: [{ role: 'user', content: [part] }] })['messages']).toEqual([{ role: 'user', content: [block] }]);
});

it('files of the file store are asked for with their header', () => {
  const messages = [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file_1' } }] }];
  expect(write({ messages }).headers['anthropic-beta']).toBe('files-api-2025-04-14');
});

it.each([
  ['auto', { type: 'auto' }],
  ['required', { type: 'any' }],
  ['none', { type: 'none' }],
  [
    { type: 'function', function: { name: 'f' } },
    { type: 'tool', name: 'f' },
  ],
  [undefined, undefined],
])('the choice of a tool: %j is %j', (tool_choice, expected) => {
  const body = written({ tools: [tool], tool_choice });
  expect(body['tool_choice']).toEqual(expected);
  expect(body['tools']).toEqual([{ name: 'f', input_schema: tool.function.parameters }]);
});

it('one call at a time is told with any choice', () => {
  expect(written({ tools: [tool], parallel_tool_calls: false })['tool_choice']).toEqual({ type: 'auto', disable_parallel_tool_use: true });
  expect(written({ tools: [tool], tool_choice: 'required', parallel_tool_calls: false })['tool_choice']).toEqual({
    type: 'any',
    disable_parallel_tool_use: true,
  });
});

it('a tool without parameters takes an object', () => {
  expect(written({ tools: [{ type: 'function', function: { name: 'f' } }] })['tools']).toEqual([
    { name: 'f', input_schema: { type: 'object', properties: {} } },
  ]);
});

it.each([
  ['claude-3-opus-20240229', 4_096],
  ['claude-3-5-sonnet-latest', 8_192],
  ['claude-3-7-sonnet-20250219', 64_000],
  ['claude-4-opus-20250514', 32_000],
  ['claude-opus-4-20250514', 32_000],
  ['claude-opus-4-6', 128_000],
  ['claude-sonnet-5', 64_000],
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 64_000],
  ['somebody-elses', 4_096],
])('%s answers in at most %d tokens where the client names no limit', (model, max) => {
  expect(written({}, model)['max_tokens']).toBe(max);
  expect(written({ max_tokens: 7 }, model)['max_tokens']).toBe(7);
});

it.each<[object, string, object]>([
  [{ reasoning_effort: 'low' }, MODEL, { thinking: { type: 'enabled', budget_tokens: 1_024 } }],
  [{ reasoning_effort: 'minimal' }, MODEL, { thinking: { type: 'enabled', budget_tokens: 1_024 } }],
  [{ reasoning_effort: 'medium' }, MODEL, { thinking: { type: 'enabled', budget_tokens: 2_048 } }],
  [{ reasoning_effort: 'high' }, MODEL, { thinking: { type: 'enabled', budget_tokens: 4_096 } }],
  [{ reasoning_effort: 'high', max_tokens: 2_000 }, MODEL, { thinking: { type: 'enabled', budget_tokens: 1_999 } }],
  [{ thinking: { type: 'enabled', budget_tokens: 5_000 } }, MODEL, { thinking: { type: 'enabled', budget_tokens: 5_000 } }],
  [{ reasoning_effort: 'low' }, 'claude-opus-4-6', { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }],
  [{ reasoning_effort: 'xhigh' }, 'claude-opus-4-6', { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }],
  [{ reasoning_effort: 'xhigh' }, 'claude-opus-4-8', { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } }],
  [{ thinking: { type: 'enabled', budget_tokens: 5_000 } }, 'claude-sonnet-4-6', { thinking: { type: 'enabled', budget_tokens: 5_000 } }],
  [{ thinking: { type: 'enabled', budget_tokens: 5_000 } }, 'claude-opus-4-8', { thinking: { type: 'adaptive' } }],
  [{ thinking: { type: 'adaptive' } }, 'claude-opus-4-8', { thinking: { type: 'adaptive' } }],
])('thinking: %j of %s is %j', (wish, model, expected) => {
  const body = written({ ...wish, temperature: 0.5, top_k: 3 }, model);
  expect(body).toMatchObject(expected);
  expect(body).not.toHaveProperty('temperature');
  expect(body).not.toHaveProperty('top_k');
});

it.each([
  ['for an effort of none', { reasoning_effort: 'none' }],
  ['without room for it', { reasoning_effort: 'high', max_tokens: 500 }],
  ['with a tool that must be called', { reasoning_effort: 'high', tools: [tool], tool_choice: 'required' }],
  [
    'when the thoughts before a call did not come back',
    {
      reasoning_effort: 'high',
      tools: [tool],
      messages: [
        user,
        { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c', content: 'x' },
      ],
    },
  ],
])('the model is not asked to think %s', (_why, body) => {
  expect(written({ ...body, temperature: 0.5 })).toMatchObject({ temperature: 0.5 });
  expect(written(body)).not.toHaveProperty('thinking');
});

it('sampling stays within what is taken', () => {
  expect(written({ temperature: 1.7, top_p: 0.5, stop: ['x', ' \n'], top_k: 4 })).toMatchObject({ temperature: 1, stop_sequences: ['x'], top_k: 4 });
  expect(written({ temperature: 1.7, top_p: 0.5 })).not.toHaveProperty('top_p');
  expect(written({ temperature: 0.7, top_p: 0.5 }, 'claude-3-5-haiku-latest')).toMatchObject({ temperature: 0.7, top_p: 0.5 });
});

const format = (schema: object): object => ({ response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } });
const SCHEMA = { type: 'object', properties: { age: { type: 'integer', minimum: 3, description: 'years' } } };

it('a schema is asked for as the model knows it', () => {
  const newer = written(format(SCHEMA), 'claude-opus-4-6');
  const strict = {
    type: 'object',
    properties: { age: { type: 'integer', description: 'years\n\n{minimum: 3}' } },
    additionalProperties: false,
  };
  expect(newer['output_config']).toEqual({ format: { type: 'json_schema', schema: strict } });
  expect(write(format(SCHEMA), 'claude-opus-4-6').headers).not.toHaveProperty('anthropic-beta');
  expect(write(format(SCHEMA), MODEL).headers['anthropic-beta']).toBe('structured-outputs-2025-11-13');
  expect(written(format(SCHEMA), 'claude-3-7-sonnet-latest')).toMatchObject({
    tools: [{ name: 'json_tool_call', input_schema: SCHEMA }],
    tool_choice: { type: 'tool', name: 'json_tool_call' },
  });
  expect(written({ ...format(SCHEMA), tools: [tool] }, 'claude-3-7-sonnet-latest')).toMatchObject({ tool_choice: { type: 'any' } });
});

it('JSON without a schema is asked for in words', () => {
  expect(JSON.stringify(written({ response_format: { type: 'json_object' } })['system'])).toMatch(/one JSON object/);
});

it('an end user is named, but not by what would find him', () => {
  expect(written({ user: 'u-1' })['metadata']).toEqual({ user_id: 'u-1' });
  for (const name of ['a@b.example', '+49 30 1234567']) expect(written({ user: name })).not.toHaveProperty('metadata');
});

it('what others know is left out, what this API knows goes on', () => {
  const body = written({
    seed: 1,
    frequency_penalty: 1,
    presence_penalty: 0,
    store: true,
    service_tier: 'auto',
    verbosity: 'low',
    logit_bias: {},
    modalities: ['text'],
    context_management: { edits: [] },
    cache_control: { type: 'ephemeral' },
  });
  expect(Object.keys(body).toSorted()).toEqual(['cache_control', 'context_management', 'max_tokens', 'messages', 'model']);
});

it.each([
  [{ n: 2 }, 'n'],
  [{ logprobs: true }, 'logprobs'],
  [{ logit_bias: { 5: 1 } }, 'logit_bias'],
  [{ modalities: ['audio'] }, 'modalities'],
  [{ x_unknown: 1 }, 'x_unknown'],
  [{ messages: [{ role: 'system', content: 'x' }] }, 'messages'],
  [{ messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }] }, 'messages'],
  [{ messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: 'data:application/zip;base64,AAAA' } }] }] }, 'messages'],
])('%j is refused by its name', (body, param) => {
  expect(refusalOf(body)).toMatchObject({ status: 400, details: { param } });
});

const stream = (...events: readonly (object | string)[]): Buffer =>
  Buffer.from(events.map((event) => (typeof event === 'string' ? event : `event: x\ndata: ${JSON.stringify(event)}\n\n`)).join(''));
const eventsOf = (...events: readonly (object | string)[]): { events: readonly NeutralEvent[]; dropped: number } =>
  readSliced(anthropic.streamReader(4096, openaiTarget()), stream(...events), () => 11);
const start = { type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 1 } } };
const block = (index: number, content_block: object): object => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, value: object): object => ({ type: 'content_block_delta', index, delta: value });
const stop = (index: number): object => ({ type: 'content_block_stop', index });
const last = (stop_reason: string | null, usage = { output_tokens: 9 }): object => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage,
});

it('usage comes in pieces, and the last word of each counts', () => {
  const { events } = eventsOf(start, last('end_turn'), { type: 'message_stop' });
  expect(told(events).usage).toEqual({ input: 7, output: 9, cached: 2, cacheWritten: 0, reasoning: 0 });
});

it('the beginning may be told twice, but another answer within one is a failure', () => {
  const said = [block(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'x' })];
  expect(told(eventsOf(start, start, ...said, start, last('end_turn')).events)).toMatchObject({ failed: false, choices: [{ text: 'x' }] });
  const other = { ...start, message: { ...start.message, id: 'msg_2' } };
  expect(eventsOf(start, ...said, other, ...said, last('end_turn')).events.at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'invalid' } });
});

it('a call without arguments has an empty object; calls are numbered among themselves', () => {
  const { events } = eventsOf(
    start,
    block(0, { type: 'text', text: '' }),
    delta(0, { type: 'text_delta', text: 'x' }),
    stop(0),
    block(1, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
    delta(1, { type: 'input_json_delta', partial_json: '{"q":1}' }),
    stop(1),
    block(2, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
    delta(2, { type: 'input_json_delta', partial_json: '' }),
    stop(2),
    block(3, { type: 'tool_use', id: 'b', name: 'g', input: { k: 1 } }),
    last('tool_use'),
  );
  expect(told(events).choices[0]).toMatchObject({
    text: 'x',
    calls: [
      { id: 'a', name: 'f', json: '{}' },
      { id: 'b', name: 'g', json: '{"k":1}' },
    ],
    finish: 'tool_calls',
  });
});

it('what the model was made to call a tool with is the text of the answer', () => {
  const { events } = eventsOf(
    start,
    block(0, { type: 'tool_use', id: 'a', name: 'json_tool_call', input: {} }),
    delta(0, { type: 'input_json_delta', partial_json: '{"a":' }),
    delta(0, { type: 'input_json_delta', partial_json: '1}' }),
    stop(0),
    last('tool_use'),
  );
  expect(told(events).choices).toEqual([{ text: '{"a":1}', reasoning: '', refusal: '', calls: [], finish: 'stop' }]);
  const body = { content: [{ type: 'tool_use', name: 'json_tool_call', input: { a: 1 } }], stop_reason: 'tool_use' };
  expect(told(anthropic.read(Buffer.from(JSON.stringify(body)))).choices).toMatchObject([{ text: '{"a":1}', finish: 'stop' }]);
});

it.each([
  ['end_turn', 'stop'],
  ['pause_turn', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content_filter'],
  ['something_new', 'stop'],
])('an answer that stopped for %s ended with %s', (reason, expected) => {
  expect(told(eventsOf(start, last(reason)).events).choices[0]?.finish).toBe(expected);
  expect(told(anthropic.read(Buffer.from(JSON.stringify({ content: [], stop_reason: reason })))).choices[0]?.finish).toBe(expected);
});

it('a text that stopped the answer is told', () => {
  const body = { content: [], stop_reason: 'stop_sequence', stop_sequence: '###' };
  expect(anthropic.read(Buffer.from(JSON.stringify(body))).at(-1)).toEqual({
    kind: 'finish',
    choice: 0,
    reason: 'stop_sequence',
    stopSequence: '###',
  });
});

it.each([
  ['overloaded_error', 'server_error', 529],
  ['api_error', 'server_error', 500],
  ['rate_limit_error', 'rate_limited', 429],
  ['invalid_request_error', 'rejected', 400],
  ['authentication_error', 'auth', 401],
  ['permission_error', 'auth', 403],
])('an error of the type %s in a stream is %s', (type, kind, status) => {
  const message = 'The key sk-CANARY0123456789abcdef is at fault';
  const { events } = eventsOf(start, { type: 'error', error: { type, message } }, last('end_turn'));
  const failure = events.at(-1);
  expect(failure).toMatchObject({ kind: 'failure', failure: { kind, details: { status } } });
  expect(JSON.stringify(failure)).not.toContain('CANARY');
  expect(told(anthropic.read(Buffer.from(JSON.stringify({ type: 'error', error: { type, message } })), openaiTarget())).failed).toBe(true);
});

it('one event that is no JSON is dropped, three in a row are a failure, and so is one that is too long', () => {
  const bad = 'data: {oops\n\n';
  const one = eventsOf(start, bad, bad, last('end_turn'));
  expect(one.dropped).toBe(2);
  expect(told(one.events).choices[0]?.finish).toBe('stop');
  expect(eventsOf(start, bad, bad, bad).events.at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'invalid' } });
  expect(eventsOf(start, `data: ${'x'.repeat(5000)}`).events.at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'invalid' } });
});

it('nothing that is sent makes it throw', () => {
  const odd = [null, 1, 'x', [], {}, { type: 'text' }, { type: 'tool_use', input: 7, id: 1, name: null }];
  for (const value of odd) {
    const { events } = eventsOf(
      { type: 'message_start', message: value },
      block(0, value as object),
      delta(0, value as object),
      { type: 'content_block_stop', index: value },
      { type: 'message_delta', delta: value, usage: value },
      { type: 'something_new', x: value },
      { type: 'error', error: value },
    );
    expect(events.length).toBeGreaterThan(0);
    anthropic.read(Buffer.from(JSON.stringify({ content: [value], usage: value, stop_reason: value })));
    anthropic.read(Buffer.from(JSON.stringify(value)));
  }
});

it('an empty account is no fault of the request', () => {
  const body = { type: 'error', error: { type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API.' } };
  expect(anthropic.explain(openaiTarget(), 400, {}, Buffer.from(JSON.stringify(body))).kind).toBe('quota_exhausted');
  const long = { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' } };
  expect(anthropic.explain(openaiTarget(), 400, {}, Buffer.from(JSON.stringify(long))).kind).toBe('context_length');
});
