import { openaiCall } from '../../../test/doubles/openai-call.js';
import { RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ChatInbound } from './chat-inbound.js';

const chat = new ChatInbound();
const reply = { id: 'abc', model: 'outer', createdAt: 1_700_000_000 };
const user = { role: 'user', content: 'hi' };
const read = (body: object): ReturnType<ChatInbound['read']> => chat.read(openaiCall({ model: 'chat', messages: [user], ...body }));
const turnsOf = (...messages: object[]): ReturnType<ChatInbound['read']>['turns'] => read({ messages }).turns;
const text = (value: string): object => ({ kind: 'text', text: value });

function refusalOf(body: object): GatewayError {
  try {
    read(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('taken');
}

it('instructions stand apart, in their order, whatever their role is called', () => {
  const { system, turns } = read({
    messages: [
      { role: 'system', content: 'a' },
      user,
      { role: 'developer', content: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    ],
  });
  expect(system).toEqual([text('a'), { kind: 'text', text: 'b', cache: { ttl: '1h' } }]);
  expect(turns).toEqual([{ role: 'user', parts: [text('hi')] }]);
});

it.each([
  ['a text', { type: 'text', text: 'x' }, text('x')],
  [
    'an address',
    { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'low' } },
    { kind: 'image', media: { url: 'https://a.example/b.png' }, detail: 'low' },
  ],
  ['an address alone', { type: 'image_url', image_url: 'gs://a/b.png' }, { kind: 'image', media: { url: 'gs://a/b.png' }, detail: undefined }],
  [
    'bytes',
    { type: 'image_url', image_url: { url: 'data:image/PNG;base64,AAAA' } },
    { kind: 'image', media: { base64: 'AAAA', mime: 'image/png' }, detail: undefined },
  ],
  [
    'plain data',
    { type: 'file', file: { file_data: 'data:text/plain,a%20b' } },
    { kind: 'file', media: { base64: 'YSBi', mime: 'text/plain' }, name: undefined },
  ],
  ['sound', { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }, { kind: 'audio', base64: 'AAAA', format: 'wav' }],
  [
    'a file',
    { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
    { kind: 'file', media: { base64: 'AAAA', mime: 'application/pdf' }, name: 'a.pdf' },
  ],
  [
    'a file without a type',
    { type: 'file', file: { file_data: 'AAAA', filename: 'a.csv' } },
    { kind: 'file', media: { base64: 'AAAA', mime: 'text/csv' }, name: 'a.csv' },
  ],
  ['a stored file', { type: 'file', file: { file_id: 'file-1' } }, { kind: 'file', media: { fileId: 'file-1' }, name: undefined }],
  [
    "a file as Mistral's users write it",
    { type: 'document_url', document_url: 'https://a.example/b.pdf', document_name: 'b.pdf' },
    { kind: 'file', media: { url: 'https://a.example/b.pdf' }, name: 'b.pdf' },
  ],
  [
    "a film as OpenRouter's users write it",
    { type: 'video_url', video_url: { url: 'data:video/mp4;base64,AAAA' } },
    { kind: 'file', media: { base64: 'AAAA', mime: 'video/mp4' }, name: undefined },
  ],
])('a part of the user: %s', (_name, part, expected) => {
  expect(turnsOf({ role: 'user', content: [part] })).toEqual([{ role: 'user', parts: [expected] }]);
});

it("a call's signature is also read from its id, where LiteLLM's users have it", () => {
  const id = 'call_1__thought__AP8A//8=';
  const turns = turnsOf(
    user,
    { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: id, content: 'one' },
  );
  expect(turns.slice(1).flatMap(({ parts }) => parts)).toEqual([
    { kind: 'tool_call', id: 'call_1', name: 'f', arguments: '{}', signature: 'AP8A//8=' },
    { kind: 'tool_result', callId: 'call_1', content: [{ kind: 'text', text: 'one' }], isError: false },
  ]);
});

it('an answer of the model comes back whole: signed thoughts, text, calls; results are turns of the user', () => {
  const turns = turnsOf(
    user,
    {
      role: 'assistant',
      content: 'let me see',
      reasoning_content: 'hm',
      thinking_blocks: [
        { type: 'thinking', thinking: 'hm', signature: 's1' },
        { type: 'redacted_thinking', data: 'xx' },
      ],
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' }, extra_content: { google: { thought_signature: 'ts' } } },
        { id: 'c2', type: 'function', function: { name: 'g', arguments: '' } },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'one' },
    { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'two' }], cache_control: { type: 'ephemeral' } },
  );
  expect(turns.slice(1)).toEqual([
    {
      role: 'assistant',
      parts: [
        { kind: 'reasoning', text: 'hm', signature: 's1', redacted: undefined },
        { kind: 'reasoning', text: '', signature: undefined, redacted: 'xx' },
        text('let me see'),
        { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'ts' },
        { kind: 'tool_call', id: 'c2', name: 'g', arguments: '{}', signature: undefined },
      ],
    },
    { role: 'user', parts: [{ kind: 'tool_result', callId: 'c1', content: [text('one')], isError: false }] },
    { role: 'user', parts: [{ kind: 'tool_result', callId: 'c2', content: [text('two')], isError: false, cache: { ttl: undefined } }] },
  ]);
});

it.each([['{"a"'], ['[1]'], ['"{}"'], ['none']])('the arguments of an earlier call that are no object, %s, go on as a text', (broken) => {
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: broken } };
  const turns = turnsOf(user, { role: 'assistant', tool_calls: [call] }, { role: 'assistant', function_call: { name: 'f', arguments: broken } });
  const said = turns.slice(1).flatMap(({ parts }) => parts.map((part) => (part.kind === 'tool_call' ? JSON.parse(part.arguments) : part)));
  expect(said).toEqual([{ arguments: broken }, { arguments: broken }]);
});

it("thoughts among the parts of an earlier answer are thoughts, as Mistral's models and Anthropic's say them; told twice they are read once", () => {
  const content = [
    {
      type: 'thinking',
      thinking: [
        { type: 'text', text: 'h' },
        { type: 'text', text: 'm' },
      ],
    },
    { type: 'thinking', thinking: 'so', signature: 's1' },
    { type: 'redacted_thinking', data: 'xx' },
    { type: 'text', text: 'yes' },
  ];
  const said = { kind: 'reasoning', signature: undefined, redacted: undefined };
  expect(turnsOf(user, { role: 'assistant', content })[1]?.parts).toEqual([
    { ...said, text: 'hm' },
    { ...said, text: 'so', signature: 's1' },
    { ...said, text: '', redacted: 'xx' },
    text('yes'),
  ]);
  expect(turnsOf(user, { role: 'assistant', content, reasoning_content: 'hm so' })[1]?.parts).toEqual([{ ...said, text: 'hm so' }, text('yes')]);
  expect(refusalOf({ messages: [{ role: 'user', content }] }).body.error.param).toBe('messages[0].content[0].type');
});

it("what Mistral's and Groq's own libraries leave out or say otherwise is understood", () => {
  const { tools, toolChoice } = read({ tools: [{ function: { name: 'f' } }], tool_choice: { function: { name: 'f' } } });
  expect(tools).toMatchObject([{ name: 'f' }]);
  expect(toolChoice).toEqual({ name: 'f' });
  expect(read({ reasoning_effort: 'default' }).reasoning).toBeUndefined();
});

it('a call of before tools is joined to its result', () => {
  const [, call, result] = turnsOf(
    user,
    { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
    { role: 'function', name: 'f', content: 'x' },
  );
  const made = call?.parts[0];
  expect(made?.kind === 'tool_call' && result?.parts[0]).toMatchObject({ kind: 'tool_result', callId: made?.kind === 'tool_call' ? made.id : '' });
});

it.each([
  [{ max_tokens: 5 }, { outputTokensMax: 5 }],
  [{ max_tokens: 5, max_completion_tokens: 7 }, { outputTokensMax: 7 }],
  [{ stop: 'x' }, { stop: ['x'] }],
  [{ stop: ['x', 'y'] }, { stop: ['x', 'y'] }],
  [
    { n: 2, seed: -3, temperature: 0, top_p: 1, top_k: 4 },
    { choices: 2, seed: -3, temperature: 0, topP: 1, topK: 4 },
  ],
  [{ logprobs: true }, { logprobs: 0 }],
  [{ logprobs: true, top_logprobs: 3 }, { logprobs: 3 }],
  [{ logprobs: false, top_logprobs: 0 }, { logprobs: undefined }],
  [{ reasoning_effort: 'minimal' }, { reasoning: { effort: 'minimal', budgetTokens: undefined, adaptive: false } }],
  [{ reasoning: { max_tokens: 9 } }, { reasoning: { effort: undefined, budgetTokens: 9, adaptive: false } }],
  [{ thinking: { type: 'enabled', budget_tokens: 9 } }, { reasoning: { effort: undefined, budgetTokens: 9, adaptive: false } }],
  [{ thinking: { type: 'disabled' } }, { reasoning: { effort: 'none', budgetTokens: undefined, adaptive: false } }],
  [{ user: 'u' }, { user: 'u' }],
  [{ safety_identifier: 'u' }, { user: 'u', unsaid: new Map() }],
  [
    { user: 'u', safety_identifier: 'v' },
    { user: 'u', unsaid: new Map([['safety_identifier', 'v']]) },
  ],
  [{ response_format: { type: 'json_object' } }, { format: { kind: 'json' } }],
  [
    { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } } },
    { format: { kind: 'schema', name: 'n', description: undefined, schema: { type: 'object' }, strict: true } },
  ],
  [{ tool_choice: 'any' }, { toolChoice: 'required' }],
  [{ tool_choice: { type: 'function', function: { name: 'f' } } }, { toolChoice: { name: 'f' } }],
  [
    { functions: [{ name: 'f' }], function_call: { name: 'f' } },
    { toolChoice: { name: 'f' }, tools: [{ name: 'f' }] },
  ],
  [
    { logit_bias: { 1: 2 }, x_own: null, store: true, stream_options: {} },
    {
      unsaid: new Map<string, unknown>([
        ['logit_bias', { 1: 2 }],
        ['store', true],
      ]),
    },
  ],
])('%j is %j', (body, expected) => {
  expect(read(body)).toMatchObject(expected);
});

it('only the tools that a choice allows are told', () => {
  const tool = (name: string): object => ({ type: 'function', function: { name, parameters: { type: 'object' }, strict: true } });
  const allowed_tools = { mode: 'required', tools: [{ type: 'function', function: { name: 'b' } }] };
  const { tools, toolChoice } = read({ tools: [tool('a'), tool('b')], tool_choice: { type: 'allowed_tools', allowed_tools } });
  expect(toolChoice).toBe('required');
  expect(tools).toEqual([{ name: 'b', description: undefined, parameters: { type: 'object' }, strict: true, cache: undefined }]);
});

const said = (content: unknown): object => ({ messages: [{ role: 'user', content }] });
it.each([
  [{ messages: undefined }, 'messages'],
  [{ messages: [] }, 'messages'],
  [{ messages: {} }, 'messages'],
  [{ messages: ['x'] }, 'messages[0]'],
  [{ messages: [user, { role: 'root', content: '' }] }, 'messages[1].role'],
  [said(null), 'messages[0].content'],
  [said(7), 'messages[0].content'],
  [said([7]), 'messages[0].content[0]'],
  [said([{ type: 'video' }]), 'messages[0].content[0].type'],
  [said([{ type: 'text' }]), 'messages[0].content[0].text'],
  [said([{ type: 'image_url', image_url: { url: 'picture' } }]), 'messages[0].content[0].image_url.url'],
  [said([{ type: 'image_url', image_url: { url: 'data:image/png;base64,€' } }]), 'messages[0].content[0].image_url.url'],
  [said([{ type: 'input_audio', input_audio: { data: '€', format: 'wav' } }]), 'messages[0].content[0].input_audio.data'],
  [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
  [{ messages: [{ role: 'system', content: [{ type: 'image_url', image_url: 'https://a.example' }] }] }, 'messages[0].content'],
  [
    { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: ['a'] } }] }] },
    'messages[0].tool_calls[0].function.arguments',
  ],
  [{ messages: [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'search' }] }] }, 'messages[0].tool_calls[0].type'],
  [{ n: 1e9 }, 'n'],
  [{ n: 0 }, 'n'],
  [{ max_tokens: -1 }, 'max_tokens'],
  [{ max_tokens: 1e12 }, 'max_tokens'],
  [{ max_completion_tokens: 1.5 }, 'max_completion_tokens'],
  [{ temperature: 'hot' }, 'temperature'],
  [{ temperature: 3 }, 'temperature'],
  [{ stop: [1] }, 'stop[0]'],
  [{ stop: Array.from({ length: 300 }, () => 'x') }, 'stop'],
  [{ top_logprobs: 2 }, 'top_logprobs'],
  [{ tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  [{ tools: [{}] }, 'tools[0].type'],
  [{ tool_choice: {} }, 'tool_choice.type'],
  [{ tools: [{ type: 'function', function: { name: '' } }] }, 'tools[0].function.name'],
  [{ tools: [{ type: 'function', function: { name: 'f', parameters: 1 } }] }, 'tools[0].function.parameters'],
  [{ tool_choice: 'maybe' }, 'tool_choice'],
  [{ tool_choice: { type: 'function' } }, 'tool_choice.function.name'],
  [{ parallel_tool_calls: 1 }, 'parallel_tool_calls'],
  [{ response_format: { type: 'xml' } }, 'response_format.type'],
  [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema.name'],
  [{ reasoning_effort: 'huge' }, 'reasoning_effort'],
  [{ user: 7 }, 'user'],
])('a request is refused by its path: case %#', (body, param) => {
  const { status, body: shown } = refusalOf(body);
  expect(status).toBe(400);
  expect(shown.error.param).toBe(param);
});

it("what LiteLLM's users say in words of their own is understood", () => {
  expect(read({ reasoning_effort: 'disable' }).reasoning).toMatchObject({ effort: 'none' });
  expect(read({ reasoning_effort: 'max' }).reasoning).toMatchObject({ effort: 'xhigh' });
  expect(read({ thinking: { type: 'enabled', budget_tokens: 0 } }).reasoning).toMatchObject({ effort: 'none', budgetTokens: undefined });
  const response_schema = { type: 'object' };
  expect(read({ response_format: { type: 'json_object', response_schema } }).format).toMatchObject({ kind: 'schema', schema: response_schema });
  const content = [
    { type: 'image_url', image_url: { url: 'gs://a/b', format: 'image/webp' } },
    { type: 'file', file: { file_id: 'gs://a/c', format: 'application/pdf' } },
    { type: 'file', file: { file_data: 'https://a/d', format: 'text/plain' } },
  ];
  expect(turnsOf({ role: 'user', content })[0]?.parts).toMatchObject([
    { kind: 'image', media: { url: 'gs://a/b', mime: 'image/webp' } },
    { kind: 'file', media: { url: 'gs://a/c', mime: 'application/pdf' } },
    { kind: 'file', media: { url: 'https://a/d', mime: 'text/plain' } },
  ]);
});

const call = (wantsUsage: boolean, body: object = { model: 'chat' }): InferenceCall => openaiCall(body, { stream: true, wantsUsage });
const chunksOf = (events: readonly NeutralEvent[], wantsUsage = true, body?: object): unknown[] => {
  const writer = chat.streamWriter(reply, call(wantsUsage, body));
  const stream = events.map((event) => writer.write(event)).join('') + writer.end();
  expect(stream.endsWith('data: [DONE]\n\n')).toBe(true);
  return stream
    .split('\n\n')
    .filter((line) => line !== '' && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice(6)) as unknown);
};
const usage: NeutralEvent = { kind: 'usage', usage: { input: 10, output: 5, cached: 4, cacheWritten: 2, reasoning: 3 } };
const usageJson = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
  completion_tokens_details: { reasoning_tokens: 3 },
};
const EVENTS: readonly NeutralEvent[] = [
  { kind: 'start', id: 'msg_1' },
  { kind: 'alive' },
  { kind: 'reasoning', choice: 0, text: 'h' },
  { kind: 'reasoning', choice: 0, text: 'm' },
  { kind: 'reasoning_signature', choice: 0, signature: 'sig' },
  { kind: 'redacted_reasoning', choice: 0, data: 'xx' },
  { kind: 'text', choice: 0, text: 'say "é"\u2028' },
  { kind: 'citation', choice: 0, url: 'https://a.example', title: 'A', quote: 'q' },
  { kind: 'logprobs', choice: 0, content: [{ token: 'a', logprob: -1 }] },
  { kind: 'tool_call', choice: 0, call: 0, id: 'c1', name: 'f', signature: undefined },
  { kind: 'tool_arguments', choice: 0, call: 0, json: '{"a"' },
  { kind: 'tool_arguments', choice: 0, call: 0, json: ':1}' },
  { kind: 'tool_call', choice: 0, call: 1, id: 'c2', name: 'g', signature: 'ts' },
  { kind: 'tool_arguments', choice: 0, call: 1, json: '{}' },
  { kind: 'finish', choice: 0, reason: 'stop', stopSequence: undefined },
  usage,
];
const delta = (value: object, finish: string | null = null, logprobs: object | null = null): object => ({
  choices: [{ index: 0, delta: value, logprobs, finish_reason: finish }],
});

it('a stream is written in the grammar that clients know', () => {
  const chunks = chunksOf(EVENTS);
  for (const chunk of chunks)
    expect(chunk).toMatchObject({ id: 'chatcmpl-msg_1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'outer' });
  const citation = { type: 'url_citation', url_citation: { start_index: 8, end_index: 8, url: 'https://a.example', title: 'A' } };
  expect(chunks).toMatchObject([
    delta({ role: 'assistant', content: '', refusal: null }),
    delta({ reasoning_content: 'h' }),
    delta({ reasoning_content: 'm' }),
    delta({ thinking_blocks: [{ type: 'thinking', thinking: 'hm', signature: 'sig' }] }),
    delta({ thinking_blocks: [{ type: 'redacted_thinking', data: 'xx' }] }),
    delta({ content: 'say "é"\u2028' }),
    delta({ annotations: [citation] }),
    delta({}, null, { content: [{ token: 'a', logprob: -1 }] }),
    delta({ tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }] }),
    delta({ tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] }),
    delta({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
    delta({ tool_calls: [{ index: 1, id: 'c2', function: { name: 'g' }, extra_content: { google: { thought_signature: 'ts' } } }] }),
    delta({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }),
    delta({}, 'tool_calls'),
    { choices: [], usage: usageJson },
  ]);
  expect(chunks.slice(0, -1).every((chunk) => (chunk as { usage?: unknown }).usage === null)).toBe(true);
});

it('a client that did not ask for usage sees none', () => {
  for (const chunk of chunksOf(EVENTS, false)) {
    expect(chunk).not.toHaveProperty('usage');
    expect((chunk as { choices: unknown[] }).choices).toHaveLength(1);
  }
});

it('an answer that begins with a call has no text, and one of two choices begins by itself', () => {
  const chunks = chunksOf([
    { kind: 'tool_call', choice: 0, call: 0, id: 'c', name: 'f', signature: undefined },
    { kind: 'text', choice: 1, text: 'x' },
    { kind: 'finish', choice: 0, reason: 'tool_calls', stopSequence: undefined },
    { kind: 'finish', choice: 1, reason: 'length', stopSequence: undefined },
  ]);
  expect(chunks[0]).toMatchObject({ id: 'chatcmpl-abc', choices: [{ index: 0, delta: { role: 'assistant', content: null } }] });
  expect(chunks[2]).toMatchObject({ choices: [{ index: 1, delta: { role: 'assistant', content: '' } }] });
  expect(chunks.at(-1)).toMatchObject({ choices: [{ index: 1, finish_reason: 'length' }] });
});

it('a stream that breaks says so in the shape of an error', () => {
  const error = { message: 'm', type: 'server_error', param: null, code: 'upstream_stream_interrupted' };
  expect(chat.streamWriter(reply, call(true)).fail({ error })).toBe(`data: ${JSON.stringify({ error })}\n\n`);
});

const answerOf = (events: readonly NeutralEvent[], body: object = { model: 'chat' }): unknown =>
  JSON.parse(chat.answer(events, reply, openaiCall(body)).toString());

it('a whole answer says the same', () => {
  expect(answerOf(EVENTS)).toEqual({
    id: 'chatcmpl-abc',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'outer',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'say "é"\u2028',
          refusal: null,
          reasoning_content: 'hm',
          thinking_blocks: [
            { type: 'thinking', thinking: 'hm', signature: 'sig' },
            { type: 'redacted_thinking', data: 'xx' },
          ],
          annotations: [{ type: 'url_citation', url_citation: { start_index: 8, end_index: 8, url: 'https://a.example', title: 'A' } }],
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
            { id: 'c2', type: 'function', function: { name: 'g', arguments: '{}' }, extra_content: { google: { thought_signature: 'ts' } } },
          ],
        },
        logprobs: { content: [{ token: 'a', logprob: -1 }], refusal: null },
        finish_reason: 'tool_calls',
      },
    ],
    usage: usageJson,
  });
});

it('a refusal and a filtered answer keep their shape', () => {
  const finish = (reason: 'stop' | 'content_filter'): NeutralEvent => ({ kind: 'finish', choice: 0, reason, stopSequence: undefined });
  expect(answerOf([{ kind: 'refusal', choice: 0, text: 'no' }, finish('stop')])).toMatchObject({
    choices: [{ message: { content: null, refusal: 'no' }, finish_reason: 'stop' }],
  });
  expect(answerOf([finish('content_filter')])).toMatchObject({ choices: [{ message: { content: '' }, finish_reason: 'content_filter' }] });
});

it('a client of before tools gets its call as it knows calls', () => {
  const legacy = { model: 'chat', functions: [{ name: 'f' }] };
  const events = EVENTS.filter(({ kind }) => ['tool_call', 'tool_arguments', 'finish'].includes(kind));
  expect(answerOf(events, legacy)).toMatchObject({
    choices: [{ message: { function_call: { name: 'f', arguments: '{"a":1}' } }, finish_reason: 'function_call' }],
  });
  const deltas = chunksOf(events, false, legacy).map(
    (chunk) => (chunk as { choices: { delta: { function_call?: object } }[] }).choices[0]?.delta.function_call,
  );
  expect(deltas.filter((value) => value !== undefined)).toEqual([{ name: 'f', arguments: '' }, { arguments: '{"a"' }, { arguments: ':1}' }]);
});

const traffic = RecordedTraffic.open();
(traffic === undefined ? it.skip : it)('every request that was recorded as taken can be read', () => {
  const cases =
    traffic?.cases(({ endpoint, status, provider }) => endpoint === 'chat' && status === 200 && provider !== 'snowflake' && provider !== 'cohere') ??
    [];
  const refused: string[] = [];
  for (const recorded of cases) {
    const body = traffic?.requestBody(recorded);
    if (!Array.isArray(body?.['messages'])) continue;
    try {
      chat.read(openaiCall(body));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      // Tools that only one provider has, and two that took what OpenAI does not.
      if (!/of the types function|tool_choice\.type must|tool_call_id is missing/.test(error.message))
        refused.push(`${recorded.id}: ${error.message}`);
    }
  }
  expect(refused).toEqual([]);
});
