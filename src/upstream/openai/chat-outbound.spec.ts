import OpenAI from 'openai';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { readSliced, told } from '../../../test/doubles/told-events.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import { MessagesInbound } from '../anthropic/messages-inbound.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ChatInbound } from './chat-inbound.js';
import { ChatOutbound } from './chat-outbound.js';
import type { ChatHabits } from './chat-habits.js';

const messages = new MessagesInbound();
const user = { role: 'user', content: 'hi' };

/** A request of a client of Messages, as an OpenAI face sees it. */
function write(body: object, model = 'gpt-4o', habits: ChatHabits = {}, part: Partial<InferenceCall> = {}): ReturnType<ChatOutbound['write']> {
  const call = openaiCall({ model: 'm', max_tokens: 9, messages: [user], ...body }, part, 'messages');
  return new ChatOutbound(habits).write(messages.read(call), { ...openaiTarget(), model }, call);
}
const written = (body: object, model?: string, habits?: ChatHabits): Record<string, unknown> =>
  JSON.parse(write(body, model, habits).body.toString()) as Record<string, unknown>;

it('a call goes with our key, and with no header of the other wire', () => {
  const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'x', 'x-request-id': 'r' };
  const request = write({ stream: true }, 'gpt-4o', {}, { headers, stream: true });
  expect(request.path).toBe('/chat/completions');
  expect(request.headers).toEqual({
    'x-request-id': 'r',
    'content-type': 'application/json',
    accept: 'text/event-stream',
    authorization: 'Bearer sk-CANARY0123456789abcdef',
  });
  expect(JSON.parse(request.body.toString())).toMatchObject({ model: 'gpt-4o', stream: true, stream_options: { include_usage: true } });
});

it('a conversation of blocks becomes messages', () => {
  const body = written({
    system: [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', cache_control: { type: 'ephemeral' } },
    ],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          { type: 'text', text: 'see' },
          { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'and' },
          {
            type: 'tool_result',
            tool_use_id: 'c1',
            content: [
              { type: 'text', text: 'r' },
              { type: 'image', source: { type: 'url', url: 'https://a.example' } },
            ],
          },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' }, title: 'a.pdf' },
        ],
      },
    ],
    tools: [{ name: 'f', description: 'd', input_schema: { type: 'object' } }],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
  });
  expect(body).toEqual({
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: 'a\n\nb' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
      { role: 'assistant', content: 'see', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'r' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'https://a.example' } },
          { type: 'text', text: 'and' },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
        ],
      },
    ],
    max_tokens: 9,
    tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } }],
    tool_choice: 'required',
    parallel_tool_calls: false,
  });
});

it('who takes more is told more', () => {
  const body = {
    system: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    messages: [
      user,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          { type: 'text', text: 'x' },
        ],
      },
      user,
    ],
  };
  const [system, , answer] = written(body, 'm', { takesCacheMarks: true, thoughtsAs: 'reasoning_details' })['messages'] as object[];
  expect(system).toEqual({ role: 'system', content: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } }] });
  expect(answer).toEqual({ role: 'assistant', content: 'x', reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 's', index: 0 }] });
  expect((written(body, 'm', { thoughtsAs: 'reasoning_content' })['messages'] as object[])[2]).toMatchObject({ reasoning_content: 'hm' });
  const foreign = {
    messages: [
      user,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'gemini.thought.s' },
          { type: 'text', text: 'x' },
        ],
      },
    ],
  };
  for (const thoughtsAs of ['thinking_blocks', 'reasoning_details'] as const)
    expect((written(foreign, 'm', { thoughtsAs })['messages'] as object[])[1]).toEqual({ role: 'assistant', content: 'x' });
  expect((written(body, 'm', { thoughtsAs: 'thinking_blocks' })['messages'] as object[])[2]).toMatchObject({
    thinking_blocks: [{ type: 'thinking', thinking: 'hm', signature: 's' }],
  });
  expect((written(body)['messages'] as object[])[2]).toEqual({ role: 'assistant', content: 'x' });
});

it.each<[object, string, object]>([
  [{}, 'gpt-4o', { max_tokens: 9 }],
  [{}, 'o3-mini', { max_completion_tokens: 9 }],
  [{}, 'openai/gpt-5', { max_completion_tokens: 9 }],
  [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, 'gpt-5', { reasoning_effort: 'low' }],
  [{ thinking: { type: 'enabled', budget_tokens: 4096 } }, 'openai/gpt-oss-20b', { reasoning_effort: 'medium' }],
  [{ thinking: { type: 'enabled', budget_tokens: 32000 } }, 'o3', { reasoning_effort: 'high' }],
  [{ output_config: { effort: 'low' } }, 'gpt-4o', { reasoning_effort: 'low' }],
  [{ metadata: { user_id: 'u' } }, 'gpt-4o', { user: 'u' }],
  [
    { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    'gpt-4o',
    { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' }, strict: true } } },
  ],
])('%j is told to %s as %j', (body, model, expected) => {
  expect(written(body, model)).toMatchObject(expected);
});

it('what clients of the other wire always send is left out', () => {
  const body = { context_management: {}, service_tier: 'auto', thinking: { type: 'enabled', budget_tokens: 4096 } };
  expect(Object.keys(written(body)).toSorted()).toEqual(['max_tokens', 'messages', 'model']);
  expect(Object.keys(written({ thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }))).not.toContain('reasoning_effort');
});

it('a long name of an end user becomes a short one, the same each time', () => {
  const user_id = 'x'.repeat(100);
  const { user: short } = written({ metadata: { user_id } });
  expect(short).toMatch(/^[0-9a-f]{64}$/);
  expect(written({ metadata: { user_id } })['user']).toBe(short);
});

it.each([
  [{ mcp_servers: [1] }, 'mcp_servers'],
  [{ messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'url', url: 'https://a.example' } }] }] }, 'messages'],
  [{ messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] }] }, 'messages'],
])('%j is refused by its name', (body, param) => {
  let refusal: unknown;
  try {
    write(body);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(GatewayError);
  expect(refusal).toMatchObject({ details: { param } });
});

const chat = new ChatOutbound();
const answerOf = (message: object, rest: object = {}): readonly NeutralEvent[] =>
  chat.read(Buffer.from(JSON.stringify({ id: 'r', choices: [{ index: 0, message, finish_reason: 'stop', ...rest }] })), openaiTarget());
const streamed = (...chunks: (object | string)[]): { events: readonly NeutralEvent[]; dropped: number } => {
  const text = chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`).join('');
  return readSliced(chat.streamReader(4096, openaiTarget()), Buffer.from(text), () => 13);
};
const delta = (value: object, finish_reason: string | null = null, index = 0): object => ({
  id: 'r',
  choices: [{ index, delta: value, finish_reason }],
});

it('thoughts are read under every name they have', () => {
  for (const message of [
    { reasoning_content: 'hm', content: 'x' },
    { reasoning: 'hm', content: 'x' },
    { reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }], content: 'x' },
    { reasoning_details: [{ type: 'reasoning.summary', summary: 'hm' }], content: 'x' },
    {
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'text', text: 'x' },
      ],
    },
    {
      content: [
        { type: 'reasoning', summary: [{ text: 'hm' }] },
        { type: 'text', text: 'x' },
      ],
    },
  ])
    expect(told(answerOf(message)).choices).toMatchObject([{ reasoning: 'hm', text: 'x' }]);
  const signed = answerOf({
    reasoning_details: [
      { type: 'reasoning.text', text: 'hm', signature: 's' },
      { type: 'reasoning.encrypted', data: 'd' },
    ],
  });
  expect(signed.filter(({ kind }) => kind.startsWith('re'))).toEqual([
    { kind: 'reasoning', choice: 0, text: 'hm' },
    { kind: 'reasoning_signature', choice: 0, signature: 's' },
    { kind: 'redacted_reasoning', choice: 0, data: 'd' },
  ]);
});

const piece = (value: object): object => delta({ tool_calls: [value] });
it.each<[string, object[]]>([
  [
    'in pieces',
    [
      piece({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      piece({ index: 0, function: { arguments: ':1}' } }),
      piece({ index: 1, id: 'b', function: { name: 'g', arguments: '' } }),
    ],
  ],
  [
    'whole, without an index',
    [piece({ id: 'a', function: { name: 'f', arguments: '{"x":1}' } }), piece({ id: 'b', function: { name: 'g', arguments: 'null' } })],
  ],
  [
    'whole, all numbered 0',
    [
      piece({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
      piece({ index: 0, id: 'b', function: { name: 'g', arguments: '{}' } }),
    ],
  ],
  [
    'with arguments that are an object',
    [piece({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } }), piece({ index: 1, id: 'b', function: { name: 'g' } })],
  ],
])('calls %s are told apart', (_name, chunks) => {
  expect(told(streamed(...chunks, delta({}, 'stop'), '[DONE]').events).choices).toMatchObject([
    {
      calls: [
        { id: 'a', name: 'f', json: '{"x":1}' },
        { id: 'b', name: 'g', json: '{}' },
      ],
      finish: 'tool_calls',
    },
  ]);
});

it('a call without an id gets one that no other reply has', () => {
  expect(told(answerOf({ function_call: { name: 'f', arguments: '{}' } })).choices[0]?.calls).toEqual([{ id: 'call_r_0_0', name: 'f', json: '{}' }]);
});

it('usage is read wherever it stands, and an end that is said twice is one', () => {
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 10, completion_tokens_details: { reasoning_tokens: 3 } };
  const { events } = streamed(
    delta({ content: 'x' }),
    delta({}, 'stop'),
    { ...delta({ content: '' }, 'stop'), x_groq: { usage } },
    '[DONE]',
    'after',
  );
  expect(events.filter(({ kind }) => kind === 'finish')).toHaveLength(1);
  expect(told(events).usage).toMatchObject({ input: 5, output: 5, reasoning: 3 });
});

it('a call that begins after an end is heard, and ends again; a text is not', () => {
  const call = (index: number, json: string): object => ({ tool_calls: [{ index, id: `c${index}`, function: { name: 'f', arguments: json } }] });
  const more = { tool_calls: [{ index: 1, function: { arguments: '1}' } }] };
  const begun = [delta(call(0, ''), 'tool_calls'), delta({ content: 'x' }), delta(call(1, '{"a":'))];
  expect(streamed(...begun, delta(more)).events.at(-1)).toMatchObject({ kind: 'tool_arguments' });
  for (const last of [delta(more, 'tool_calls'), delta(more)]) {
    const { events } = streamed(...begun, last, '[DONE]');
    const calls = [
      { id: 'c0', json: '{}' },
      { id: 'c1', json: '{"a":1}' },
    ];
    expect(told(events).choices).toMatchObject([{ text: '', finish: 'tool_calls', calls }]);
    expect(events.at(-1)).toMatchObject({ kind: 'finish' });
  }
});

it('content that is the object of a schema is its text, and so is the text of an old completion', () => {
  expect(told(answerOf({ content: { a: [1] } })).choices[0]?.text).toBe('{"a":[1]}');
  const old = { id: 'r', object: 'text_completion', choices: [{ index: 0, text: 'x', finish_reason: 'length' }] };
  expect(told(chat.read(Buffer.from(JSON.stringify(old)), openaiTarget())).choices[0]).toMatchObject({ text: 'x', finish: 'length' });
});

it('a chat that is answered with a response is heard, whole and streamed', () => {
  const item = { type: 'message', content: [{ type: 'output_text', text: 'x' }] };
  const response = { id: 'r', object: 'response', status: 'completed', output: [item], usage: { input_tokens: 3, output_tokens: 1 } };
  const wanted = { usage: { input: 3, output: 1 }, choices: [{ text: 'x', finish: 'stop' }] };
  expect(told(chat.read(Buffer.from(JSON.stringify(response)), openaiTarget()))).toMatchObject(wanted);
  const { events } = streamed(
    { type: 'response.created', response: { id: 'r' } },
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'x' },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response },
    '[DONE]',
  );
  expect(told(events)).toMatchObject(wanted);
});

it.each([
  ['sensitive', 'content_filter'],
  ['refusal', 'content_filter'],
  ['model_context_window_exceeded', 'length'],
])('an end called "%s" is %s', (word, wanted) => {
  expect(told(answerOf({ content: 'x' }, { finish_reason: word })).choices[0]?.finish).toBe(wanted);
});

it('sources beside the choices are told once, by their titles, or as the addresses that they are', () => {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }];
  const sources = (more: object): unknown =>
    new ChatOutbound()
      .read(Buffer.from(JSON.stringify({ id: 'c', choices, ...more })))
      .flatMap((event) => (event.kind === 'citation' ? [[event.url, event.title]] : []));
  const citations = ['https://a', 'https://a', 'https://b'];
  expect(sources({ citations })).toEqual([
    ['https://a', 'https://a'],
    ['https://b', 'https://b'],
  ]);
  expect(sources({ citations, search_results: [{ url: 'https://a', title: 'A' }] })).toEqual([['https://a', 'A']]);
});

it('a stream that only says that it is over is whole; one that does not is not', () => {
  expect(told(streamed(delta({ content: 'x' }), '[DONE]').events).choices[0]?.finish).toBe('stop');
  expect(told(streamed(delta({ content: 'x' })).events).choices[0]?.finish).toBeUndefined();
  expect(told(streamed('[DONE]').events).failed).toBe(true);
});

it.each([
  [{ error: { message: 'The engine is dead', code: 500 } }, 'server_error'],
  [{ error: { message: 'slow down', type: 'rate_limit_error' } }, 'rate_limited'],
  [{ object: 'error', message: 'too long: maximum context length', type: 'BadRequestError', code: 400 }, 'context_length'],
  [{ error: 'sk-CANARY0123456789abcdef is wrong' }, 'server_error'],
  [{ choices: [{ index: 0, delta: {}, finish_reason: 'error' }] }, 'server_error'],
])('an error in place of an answer is a failure: %j', (value, kind) => {
  const failure = streamed(value).events.at(-1);
  expect(failure).toMatchObject({ kind: 'failure', failure: { kind } });
  expect(chat.read(Buffer.from(JSON.stringify(value)), openaiTarget()).at(-1)).toMatchObject({ kind: 'failure', failure: { kind } });
  expect(JSON.stringify(failure)).not.toContain('CANARY');
});

it('nothing that is sent makes it throw', () => {
  for (const value of [null, 1, 'x', [], {}, [null], [{}], { content: 1 }]) {
    const odd = value as object;
    streamed(
      odd,
      delta(odd),
      { choices: odd, usage: odd, id: odd },
      delta({ tool_calls: odd, content: odd, reasoning: odd, annotations: odd }),
      delta({ tool_calls: [odd] }),
    );
    chat.read(Buffer.from(JSON.stringify({ choices: odd })));
    chat.read(Buffer.from(JSON.stringify({ choices: [{ message: odd }] })));
  }
  expect(chat.read(Buffer.from('<html>'))).toMatchObject([{ kind: 'failure', failure: { kind: 'invalid' } }]);
  expect(chat.read(Buffer.from('{}'))).toMatchObject([{ kind: 'failure', failure: { kind: 'invalid' } }]);
});

it('one event that is no JSON is dropped, three in a row are a failure', () => {
  expect(streamed(delta({ content: 'x' }), '{', '{', delta({}, 'stop'))).toMatchObject({ dropped: 2 });
  expect(streamed('{', '{', '{').events.at(-1)).toMatchObject({ kind: 'failure', failure: { kind: 'invalid' } });
});

const traffic = RecordedTraffic.open();
const whenRecorded = traffic === undefined ? it.skip : it;
const recordedChats = (wanted: (recorded: RecordedCase) => boolean): RecordedCase[] =>
  traffic?.cases((recorded) => recorded.endpoint === 'chat' && recorded.status === 200 && recorded.provider !== 'snowflake' && wanted(recorded)) ??
  [];
const inbound = new ChatInbound();

whenRecorded('requests that were recorded come out with the same meaning', () => {
  let compared = 0;
  for (const recorded of recordedChats(() => true)) {
    const body = traffic?.requestBody(recorded);
    if (!Array.isArray(body?.['messages'])) continue;
    const call = openaiCall(body);
    let first;
    try {
      first = inbound.read(call);
    } catch {
      continue;
    }
    const habits = { takesCacheMarks: true, thoughtsAs: 'thinking_blocks' } as const;
    const again = openaiCall(new ChatOutbound(habits).write(first, openaiTarget(), call).body.toString());
    const { system, turns, reasoning: _again, ...rest } = inbound.read(again);
    const texts = (parts: readonly { readonly text: string }[]): string => parts.map(({ text }) => text).join('\n\n');
    expect(texts(system)).toBe(texts(first.system));
    const { system: _system, turns: before, reasoning: _wish, ...others } = first;
    // For others, a custom tool is a function.
    const tools = others.tools.map(({ custom: _custom, ...tool }) => tool);
    expect(rest).toEqual(tools.length > 0 ? { ...others, tools } : { ...others, toolChoice: undefined, parallelTools: undefined });
    const said = (list: typeof turns): unknown[] => list.flatMap(({ role, parts }) => parts.map((part) => ({ role, ...part })));
    expect(said(turns).length).toBe(said(before).length);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(150);
});

/** What the official client library makes of our chunks. */
async function readBySdk(stream: string): Promise<OpenAI.Chat.Completions.ChatCompletion> {
  const client = new OpenAI({
    apiKey: 'x',
    baseURL: 'http://127.0.0.1:9/v1',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(stream, { headers: { 'content-type': 'text/event-stream' } })),
  });
  return client.chat.completions.stream({ model: 'm', messages: [], stream_options: { include_usage: true } }).finalChatCompletion();
}

whenRecorded('what was read and written again reads the same, to us and to the official client', async () => {
  let compared = 0;
  for (const recorded of recordedChats(({ framing }) => framing === 'sse')) {
    const { events } = readSliced(chat.streamReader(1024 * 1024), (traffic as RecordedTraffic).response(recorded), () => 4096);
    const before = told(events);
    if (before.failed || before.choices.some(({ finish }) => finish === undefined)) continue;
    const writer = inbound.streamWriter({ id: 'abc', model: 'outer', createdAt: 1 }, openaiCall({ model: 'm' }, { wantsUsage: true }));
    const stream = events.map((event) => writer.write(event)).join('') + writer.end();
    expect(told(readSliced(chat.streamReader(1024 * 1024), Buffer.from(stream), () => 4096).events)).toEqual(before);
    const read = await readBySdk(stream).catch((error: unknown) => error);
    // The library refuses to hand out an answer that was cut or filtered.
    if (read instanceof Error) expect(read.message).toMatch(/length|content filter/);
    else {
      const { choices, usage } = read as OpenAI.Chat.Completions.ChatCompletion;
      expect(choices.map(({ message }) => message.content ?? '')).toEqual(before.choices.map(({ text }) => text));
      expect(choices.map(({ message }) => (message.tool_calls ?? []).map((call) => call.id))).toEqual(
        before.choices.map(({ calls }) => calls.map(({ id }) => id)),
      );
      if (before.usage !== undefined) expect(usage?.completion_tokens).toBe(before.usage.output);
    }
    compared += 1;
  }
  expect(compared).toBeGreaterThan(60);
});
