import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { readSliced, told } from '../../../test/doubles/told-events.js';
import { anthropicError } from '../../contracts/anthropic-error.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import { argumentsText } from '../neutral/arguments-text.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ChatOutbound } from '../openai/chat-outbound.js';
import { AnthropicOutbound } from './anthropic-outbound.js';
import { estimateInputTokens } from './estimate-input-tokens.js';
import { MessagesInbound } from './messages-inbound.js';
import { readMessagesRequest } from './read-messages-request.js';

const messages = new MessagesInbound();
const anthropic = new AnthropicOutbound();
const reply = { id: 'abc', model: 'outer', createdAt: 1_700_000_000 };
const user = { role: 'user', content: 'hi' };
const read = (body: object, version = '2023-06-01'): ReturnType<MessagesInbound['read']> =>
  messages.read(openaiCall({ model: 'm', max_tokens: 5, messages: [user], ...body }, { headers: { 'anthropic-version': version } }));
const text = (value: string): object => ({ kind: 'text', text: value });

function refusalOf(body: object, version?: string): GatewayError {
  try {
    read(body, version);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('taken');
}

it('instructions are a text or blocks, in their order; later ones join them', () => {
  expect(read({ system: 'a' }).system).toEqual([text('a')]);
  const system = [
    { type: 'text', text: 'x-header: 1' },
    { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
  ];
  expect(read({ system, messages: [user, { role: 'system', content: 'c' }] }).system).toEqual([
    text('x-header: 1'),
    { kind: 'text', text: 'b', cache: { ttl: '1h' } },
    text('c'),
  ]);
});

it('a tool that is loaded later is offered from the beginning, and its loading says nothing', () => {
  const tool = { name: 'f', input_schema: { type: 'object' }, defer_loading: true };
  const loading = { role: 'system', content: [{ type: 'tool_addition', tool: { type: 'tool_reference', name: 'f' } }] };
  const { system, turns, tools } = read({ tools: [tool], messages: [user, loading] });
  expect(system).toEqual([]);
  expect(turns).toHaveLength(1);
  expect(tools).toMatchObject([{ name: 'f' }]);
});

it('tools that Anthropic defines are kept apart, as they came; a search for tools says nothing where all are offered', () => {
  const bash = { type: 'bash_20250124', name: 'bash', cache_control: { type: 'ephemeral' } };
  const search = { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' };
  const { tools, ownTools } = read({ tools: [search, { name: 'f', input_schema: {}, defer_loading: true }, bash] });
  expect(tools).toMatchObject([{ name: 'f' }]);
  expect(ownTools).toEqual([{ param: 'tools[2].type', tool: bash }]);
  expect(read({ tools: [search] })).not.toHaveProperty('ownTools');
});

it('blocks of every kind are read', () => {
  const { turns } = read({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look', cache_control: { type: 'ephemeral' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          { type: 'image', source: { type: 'url', url: 'https://a.example' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' }, title: 't' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ab' } },
          { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'in' }] } },
          { type: 'document', source: { type: 'file', file_id: 'f1' } },
          { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'x' }] },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'compaction', content: 'so far' },
          { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } },
          { type: 'thinking', thinking: 'hm', signature: 'sig' },
          { type: 'thinking', thinking: 'others', signature: '' },
          { type: 'redacted_thinking', data: 'd' },
          { type: 'text', text: 'see' },
          { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
          { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
          { type: 'tool_use', id: 'c1', name: 'f', input: { a: [1] } },
          { type: 'tool_use', id: 'c2__thought__dHMr', name: 'g' },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'c1',
            content: [
              { type: 'text', text: 'r' },
              { type: 'image', source: { type: 'url', url: 'u' } },
            ],
            is_error: true,
          },
          { type: 'tool_result', tool_use_id: 'c2__thought__dHMr', content: 'r2' },
          { type: 'tool_result', tool_use_id: 'c3' },
        ],
      },
    ],
  });
  expect(turns).toEqual([
    {
      role: 'user',
      parts: [
        { kind: 'text', text: 'look', cache: { ttl: undefined } },
        { kind: 'image', media: { base64: 'AAAA', mime: 'image/png' }, detail: undefined },
        { kind: 'image', media: { url: 'https://a.example' }, detail: undefined },
        { kind: 'file', media: { base64: 'AAAA', mime: 'application/pdf' }, name: 't' },
        { kind: 'file', media: { base64: 'YWI=', mime: 'text/plain' }, name: undefined },
        text('in'),
        { kind: 'file', media: { fileId: 'f1' }, name: undefined },
        text('t\ns\nx'),
      ],
    },
    {
      role: 'assistant',
      parts: [
        { kind: 'text', text: 'so far' },
        { kind: 'reasoning', text: 'hm', signature: 'sig', redacted: undefined },
        { kind: 'reasoning', text: 'others', signature: undefined, redacted: undefined },
        { kind: 'reasoning', text: '', signature: undefined, redacted: 'd' },
        text('see'),
        { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{"a":[1]}', signature: undefined },
        { kind: 'tool_call', id: 'c2', name: 'g', arguments: '{}', signature: 'ts+' },
      ],
    },
    {
      role: 'user',
      parts: [
        { kind: 'tool_result', callId: 'c1', content: [text('r'), { kind: 'image', media: { url: 'u' }, detail: undefined }], isError: true },
        { kind: 'tool_result', callId: 'c2', content: [text('r2')], isError: false },
        { kind: 'tool_result', callId: 'c3', content: [], isError: false },
      ],
    },
  ]);
});

const tool = { name: 'f', input_schema: { type: 'object' } };
it.each([
  [
    { top_p: -1, top_k: -1 },
    { topP: undefined, topK: undefined },
  ],
  [
    { tools: [{ ...tool, type: 'custom', description: 'd', strict: true }] },
    { tools: [{ name: 'f', description: 'd', parameters: { type: 'object' }, strict: true }] },
  ],
  [
    { tools: [tool], tool_choice: { type: 'any', disable_parallel_tool_use: true } },
    { toolChoice: 'required', parallelTools: false },
  ],
  [
    { tools: [tool], tool_choice: { type: 'tool', name: 'f' } },
    { toolChoice: { name: 'f' }, parallelTools: undefined },
  ],
  [{ tool_choice: { type: 'none' } }, { toolChoice: 'none' }],
  [
    { temperature: 0.5, top_p: 0.1, top_k: 3, stop_sequences: ['x'] },
    { temperature: 0.5, topP: 0.1, topK: 3, stop: ['x'] },
  ],
  [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { reasoning: { effort: undefined, budgetTokens: 2000, adaptive: false } }],
  [{ thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }, { reasoning: { effort: 'xhigh', budgetTokens: undefined, adaptive: true } }],
  [{ thinking: { type: 'disabled' } }, { reasoning: { effort: 'none', budgetTokens: undefined, adaptive: false } }],
  [{ output_format: { type: 'json_schema', schema: { type: 'object' } } }, { format: { kind: 'schema', schema: { type: 'object' } } }],
  [{ output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } }, { format: { kind: 'schema', schema: { type: 'object' } } }],
  [
    { metadata: { user_id: 'u' }, mcp_servers: [1], service_tier: null, cache_control: { type: 'ephemeral' } },
    { user: 'u', unsaid: new Map([['mcp_servers', [1]]]) },
  ],
])('%j is %j', (body, expected) => {
  expect(read(body)).toMatchObject(expected);
});

const said = (...content: object[]): object => ({ messages: [{ role: 'user', content }] });
const WRONG: [object, string, string?][] = [
  [{ max_tokens: undefined }, 'max_tokens'],
  [{ max_tokens: 0 }, 'max_tokens'],
  [{ messages: [] }, 'messages'],
  [{ messages: [{ role: 'tool', content: '' }] }, 'messages[0].role'],
  [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
  [said({ type: 'tool_use' }), 'messages[0].content[0].type'],
  [said({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: '€' } }), 'messages[0].content[0].source.data'],
  [said({ type: 'image', source: { type: 'ftp' } }), 'messages[0].content[0].source.type'],
  [said({ type: 'tool_result', content: 'x' }), 'messages[0].content[0].tool_use_id'],
  [{ messages: [user, { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: 'x' }] }] }, 'messages[1].content[0].input'],
  [{ system: [{ type: 'image' }] }, 'system[0].type'],
  [{ tools: [{ type: 1, name: 'f' }] }, 'tools[0].type'],
  [{ tools: [{ name: 'f' }] }, 'tools[0].input_schema'],
  [{ tool_choice: 'auto' }, 'tool_choice.type'],
  [{ thinking: { type: 'loud' } }, 'thinking.type'],
  [{ temperature: 1.5 }, 'temperature'],
  [{ temperature: 1 }, 'temperature', '2026-10-21'],
  [{ top_p: 1 }, 'top_p', '2026-10-21'],
  [{ top_k: 1 }, 'top_k', '2026-10-21'],
  [said({ type: 'text', text: 'x', citations: [] }), 'messages[0].content[0].citations', '2026-10-21'],
  [
    { messages: [user, { role: 'assistant', content: [{ type: 'document', source: { type: 'file', file_id: 'f' } }] }] },
    'messages[1].content[0].type',
    '2026-10-21',
  ],
];
it.each(WRONG.map(([body, param, version = '2023-06-01']): [object, string, string] => [body, param, version]))(
  'what makes no sense is refused by its path: case %#',
  (body, param, version) => {
    expect(refusalOf(body, version)).toMatchObject({ status: 400, details: { param } });
  },
);

it.each([{ type: 'create' }, { type: 'continue', previous_message_id: 'msg_1' }])(
  'a conversation that would be held here is refused in words that libraries know: %j',
  (thread) => {
    const { code, details } = refusalOf({ thread });
    expect([code, details.param]).toEqual(['invalid_value', 'thread']);
    expect(details.anthropic).toEqual({ error_code: 'thread_unsupported_request', unsupported: ['thread'] });
    expect(read({ thread: null }).turns).toHaveLength(1);
  },
);

it('the version of before takes what the newer one refuses', () => {
  expect(() => read({ temperature: 1, ...said({ type: 'text', text: 'x', citations: [] }) })).not.toThrow();
});

const EVENTS: readonly NeutralEvent[] = [
  { kind: 'start', id: 'chatcmpl-1' },
  { kind: 'alive' },
  { kind: 'reasoning', choice: 0, text: 'h' },
  { kind: 'reasoning', choice: 0, text: 'm' },
  { kind: 'reasoning_signature', choice: 0, signature: 'sig' },
  { kind: 'redacted_reasoning', choice: 0, data: 'xx' },
  { kind: 'text', choice: 0, text: 'say ' },
  { kind: 'text', choice: 1, text: 'another answer' },
  { kind: 'text', choice: 0, text: '"é"' },
  { kind: 'citation', choice: 0, url: 'https://a.example', title: 'A', quote: 'q' },
  { kind: 'tool_call', choice: 0, call: 0, id: 'c1', name: 'f', signature: undefined },
  { kind: 'tool_arguments', choice: 0, call: 0, json: '{"a"' },
  { kind: 'tool_arguments', choice: 0, call: 0, json: ':1}' },
  { kind: 'tool_call', choice: 0, call: 1, id: 'c2', name: 'g', signature: 'ts+' },
  { kind: 'tool_arguments', choice: 0, call: 1, json: '{}' },
  { kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined },
  { kind: 'finish', choice: 1, reason: 'stop', stopSequence: undefined },
  { kind: 'usage', usage: { input: 10, output: 5, cached: 4, cacheWritten: 2, reasoning: 3 } },
];
const usage = {
  input_tokens: 4,
  cache_creation_input_tokens: 2,
  cache_read_input_tokens: 4,
  output_tokens: 5,
  output_tokens_details: { thinking_tokens: 3 },
};

function streamOf(events: readonly NeutralEvent[]): string {
  const writer = messages.streamWriter(reply);
  return events.map((event) => writer.write(event)).join('') + writer.end();
}

function parsed(stream: string): { type: string }[] {
  return stream
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [name = '', data = ''] = event.split('\n');
      const value = JSON.parse(data.slice('data: '.length)) as { type: string };
      expect(name).toBe(`event: ${value.type}`);
      return value;
    });
}

it('a stream is written in the order that clients know, each event with its name', () => {
  const delta = (index: number, value: object): object => ({ type: 'content_block_delta', index, delta: value });
  const start = (index: number, content_block: object): object => ({ type: 'content_block_start', index, content_block });
  const stop = (index: number): object => ({ type: 'content_block_stop', index });
  expect(parsed(streamOf(EVENTS))).toEqual([
    {
      type: 'message_start',
      message: {
        id: 'msg_chatcmpl-1',
        type: 'message',
        role: 'assistant',
        model: 'outer',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
      },
    },
    start(0, { type: 'thinking', thinking: '', signature: '' }),
    delta(0, { type: 'thinking_delta', thinking: 'h' }),
    delta(0, { type: 'thinking_delta', thinking: 'm' }),
    delta(0, { type: 'signature_delta', signature: 'sig' }),
    stop(0),
    start(1, { type: 'redacted_thinking', data: 'xx' }),
    stop(1),
    start(2, { type: 'text', text: '' }),
    delta(2, { type: 'text_delta', text: 'say ' }),
    delta(2, { type: 'text_delta', text: '"é"' }),
    delta(2, {
      type: 'citations_delta',
      citation: { type: 'web_search_result_location', url: 'https://a.example', title: 'A', cited_text: 'q', encrypted_index: '' },
    }),
    stop(2),
    start(3, { type: 'tool_use', id: 'c1', name: 'f', input: {} }),
    delta(3, { type: 'input_json_delta', partial_json: '{"a"' }),
    delta(3, { type: 'input_json_delta', partial_json: ':1}' }),
    stop(3),
    start(4, { type: 'tool_use', id: 'c2__thought__dHMr', name: 'g', input: {} }),
    delta(4, { type: 'input_json_delta', partial_json: '{}' }),
    stop(4),
    { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage },
    { type: 'message_stop' },
  ]);
});

it('usage that is known at the beginning is told there too', () => {
  const [first] = parsed(streamOf([EVENTS.at(-1) as NeutralEvent, { kind: 'text', choice: 0, text: 'x' }]));
  expect(first).toMatchObject({ message: { id: 'msg_abc', usage: { input_tokens: 4, cache_read_input_tokens: 4, output_tokens: 0 } } });
});

it('a whole message says the same', () => {
  expect(JSON.parse(messages.answer(EVENTS, reply).toString())).toEqual({
    id: 'msg_abc',
    type: 'message',
    role: 'assistant',
    model: 'outer',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'redacted_thinking', data: 'xx' },
      {
        type: 'text',
        text: 'say "é"',
        citations: [{ type: 'web_search_result_location', url: 'https://a.example', title: 'A', cited_text: 'q', encrypted_index: '' }],
      },
      { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 } },
      { type: 'tool_use', id: 'c2__thought__dHMr', name: 'g', input: {} },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage,
  });
});

it.each([
  ['stop', undefined, 'end_turn'],
  ['stop_sequence', '###', 'stop_sequence'],
  ['length', undefined, 'max_tokens'],
  ['content_filter', undefined, 'refusal'],
] as const)('an answer that ended with %s %s stopped for %s', (reason, stopSequence, expected) => {
  const events: NeutralEvent[] = [{ kind: 'finish', choice: 0, reason, stopSequence }];
  const stopped = { stop_reason: expected, stop_sequence: stopSequence ?? null };
  expect(JSON.parse(messages.answer(events, reply).toString())).toMatchObject(stopped);
  expect(parsed(streamOf(events)).at(-2)).toMatchObject({ delta: stopped });
});

it.each([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [405, 'invalid_request_error'],
  [413, 'request_too_large'],
  [415, 'invalid_request_error'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [502, 'api_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
])('the status %d is an error of the type %s', (status, type) => {
  const body = { error: { message: 'm', type: 'x', param: null, code: null } };
  expect(anthropicError(body, status)).toEqual({ type: 'error', error: { type, message: 'm' } });
});

it('a stream that breaks says so in the shape of an error', () => {
  const error = { message: 'm', type: 'server_error', param: null, code: 'upstream_timeout' };
  expect(messages.streamWriter(reply).fail({ error })).toBe(
    'event: error\ndata: {"type":"error","error":{"type":"timeout_error","message":"m"}}\n\n',
  );
});

const traffic = RecordedTraffic.open();
const whenRecorded = traffic === undefined ? it.skip : it;

/** Of the blocks of the provider's own tools nothing is left; a text alone and a list of it are the same. */
function plain(body: Record<string, unknown>): unknown {
  const blocks = (content: unknown): unknown[] => (typeof content === 'string' ? [{ type: 'text', text: content }] : (content as unknown[]));
  const list = body['messages'] as { role: string; content: unknown }[];
  return list.map(({ role, content }) => ({
    role,
    content: blocks(content)
      .filter((block) => (block as { text?: string }).text !== '')
      .map((block) => {
        const { content: inner, is_error: isError, ...rest } = block as { content?: unknown; is_error?: boolean };
        return { ...rest, ...(inner !== undefined && { content: blocks(inner) }), ...(isError === true && { is_error: true }) };
      }),
  }));
}

whenRecorded('requests that were recorded come out as they went in', () => {
  let compared = 0;
  for (const recorded of traffic?.cases(({ endpoint, status }) => endpoint === 'messages' && status === 200) ?? []) {
    const body = traffic?.requestBody(recorded);
    if (!Array.isArray(body?.['messages'])) continue;
    const call = openaiCall(body);
    let request;
    try {
      request = messages.read(call);
    } catch (error) {
      // Files put into containers.
      expect(`${recorded.id} ${(error as GatewayError).details.param}`).toMatch(/ messages\[\d+\]\.content\[\d+\]\.type$/);
      continue;
    }
    if (JSON.stringify(body).match(/server_tool_use|tool_reference|"citations"|_tool_result"|"caller"/)) continue;
    const target = { ...openaiTarget(), model: body['model'] as string };
    const written = JSON.parse(anthropic.write(request, target, { ...call, endpoint: 'chat_completions' }).body.toString()) as Record<
      string,
      unknown
    >;
    expect(plain(written)).toEqual(plain(body));
    for (const name of ['max_tokens', 'stop_sequences', 'tool_choice', 'metadata']) expect(written[name]).toEqual(body[name]);
    if (Array.isArray(body['tools']))
      expect(((written['tools'] ?? []) as { name: string }[]).map(({ name }) => name)).toEqual(
        body['tools'].map(({ name }: { name: string }) => name).filter((name) => !name.startsWith('tool_search_tool_')),
      );
    compared += 1;
  }
  expect(compared).toBeGreaterThan(20);
});

/** A bigger case: what OpenAI's relatives said, told to a client of Messages, and read there. */
whenRecorded('what any OpenAI face says reads the same behind this wire, streamed and whole', () => {
  const chat = new ChatOutbound();
  let compared = 0;
  for (const recorded of traffic?.cases(({ endpoint, status, provider }) => endpoint === 'chat' && status === 200 && provider !== 'snowflake') ??
    []) {
    const bytes = (traffic as RecordedTraffic).response(recorded);
    const events = recorded.framing === 'sse' ? readSliced(chat.streamReader(1024 * 1024), bytes, () => 4096).events : chat.read(bytes);
    const before = told(events);
    if (before.failed || before.choices[0] === undefined) continue;
    const { refusal, text: answer, finish, ...rest } = before.choices[0];
    const normal = { ...rest, refusal: '', text: expect.stringContaining(refusal === '' ? answer : refusal) as string };
    const expected = { ...normal, finish: finish === 'stop' && rest.calls.length > 0 ? 'tool_calls' : finish };
    const isBroken = rest.calls.some(({ json }) => argumentsText(json) === undefined);
    const stream = readSliced(anthropic.streamReader(1024 * 1024), Buffer.from(streamOf(events)), () => 4096).events;
    expect(told(stream).choices).toEqual([expected]);
    if (!isBroken) {
      const whole = told(anthropic.read(messages.answer(events, reply)));
      const calls = rest.calls.map((call) => ({ ...call, json: JSON.stringify(JSON.parse(call.json)) }));
      expect(whole.choices).toEqual([{ ...expected, calls }]);
    }
    // One provider counts more tokens of its cache than of the prompt they are part of.
    if (before.usage !== undefined && before.usage.cached <= before.usage.input) expect(told(stream).usage).toEqual(before.usage);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(150);
});

whenRecorded('an estimate of a prompt is not far from what was counted', () => {
  for (const recorded of traffic?.cases(({ endpoint, provider }) => endpoint === 'count_tokens' && provider === 'anthropic') ?? []) {
    const { input_tokens: counted } = JSON.parse((traffic as RecordedTraffic).response(recorded).toString()) as { input_tokens: number };
    const estimated = estimateInputTokens(readMessagesRequest(openaiCall(traffic?.requestBody(recorded) ?? {}), false));
    expect(Math.abs(estimated - counted) / counted).toBeLessThan(0.3);
  }
});

it('an estimate grows with what is sent', () => {
  const of = (body: object): number => estimateInputTokens(read(body));
  expect(of({})).toBe(5);
  expect(of({ messages: [{ role: 'user', content: 'x'.repeat(3_500) }] })).toBe(1_004);
  expect(of(said({ type: 'image', source: { type: 'url', url: 'u' } }))).toBe(1_604);
  expect(of(said({ type: 'document', source: { type: 'url', url: 'u' } }))).toBe(3_004);
  expect(of({ tools: [tool] })).toBeGreaterThan(400);
  expect(of({ tools: [{ type: 'bash_20250124', name: 'bash' }] })).toBeGreaterThan(400);
});
