import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { TranslatingAdapter } from '../neutral/translating-adapter.js';
import { ChatInbound } from '../openai/chat-inbound.js';
import { type JsonObject, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { CohereOutbound } from './cohere-outbound.js';

const cohere = new CohereOutbound();
const chat = new ChatInbound();
const target = (model = 'command-a-03-2025', part: object = {}): ReturnType<typeof openaiTarget> =>
  openaiTarget({}, { baseUrl: 'https://api.cohere.com', ...part }, { model });
const user = { role: 'user', content: 'hi' };
const tool = (name: string): object => ({ type: 'function', function: { name, description: 'd', parameters: { type: 'object' }, strict: true } });

function written(body: object, model?: string): JsonObject {
  const call = openaiCall({ model: 'asked', messages: [user], ...body });
  return parsedJson(cohere.write(chat.read(call), target(model), call).body.toString()) as JsonObject;
}

function refusalOf(act: () => unknown): GatewayError {
  try {
    act();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('taken');
}

describe('a request to Cohere', () => {
  it('goes to the second version, with the key, without what is said to others', () => {
    const call = openaiCall(
      { model: 'asked', messages: [user], stream: true },
      { headers: { 'openai-beta': 'x', 'anthropic-version': 'y', 'x-team': 'z' } },
    );
    const request = cohere.write(chat.read(call), target(), call);
    expect(request.path).toBe('/v2/chat');
    expect(request.headers).toEqual({
      'x-team': 'z',
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: 'Bearer sk-CANARY0123456789abcdef',
    });
    expect(parsedJson(request.body.toString())).toEqual({ model: 'command-a-03-2025', messages: [user], stream: true });
    expect(cohere.write(chat.read(call), target('m', { baseUrl: 'http://127.0.0.1:9/v2' }), call).path).toBe('/chat');
  });

  it('has the wishes by the names they have there', () => {
    const wishes = { temperature: 0.5, seed: 7, frequency_penalty: 0.1, presence_penalty: 0.2 };
    expect(
      written({
        ...wishes,
        max_completion_tokens: 9,
        top_p: 0.9,
        top_k: 5,
        stop: 'x',
        logprobs: true,
        user: 'u',
        metadata: {},
        store: true,
        logit_bias: {},
      }),
    ).toEqual({
      ...wishes,
      model: 'command-a-03-2025',
      messages: [user],
      stream: false,
      max_tokens: 9,
      p: 0.9,
      k: 5,
      stop_sequences: ['x'],
      logprobs: true,
    });
    expect(written({ top_k: -1 })).not.toHaveProperty('k');
    expect(written({ documents: ['d'], safety_mode: 'STRICT' })).toMatchObject({ documents: ['d'], safety_mode: 'STRICT' });
  });

  it.each([
    [{ response_format: { type: 'json_object' } }, { type: 'json_object' }],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema: { type: 'object' } } } },
      { type: 'json_object', json_schema: { type: 'object' } },
    ],
    [{ response_format: { type: 'text' } }, undefined],
  ])('with %j asks for a form', (body, format) => {
    expect(written(body)['response_format']).toEqual(format);
  });

  it.each([
    ['auto', ['a', 'b'], undefined],
    ['required', ['a', 'b'], 'REQUIRED'],
    ['none', ['a', 'b'], 'NONE'],
    [{ type: 'function', function: { name: 'b' } }, ['b'], 'REQUIRED'],
  ])('with the tool choice %j offers %j', (tool_choice, names, choice) => {
    const body = written({ tools: [tool('a'), tool('b')], tool_choice });
    expect(body['tools']).toEqual(names.map((name) => ({ type: 'function', function: { name, description: 'd', parameters: { type: 'object' } } })));
    expect(body['tool_choice']).toBe(choice);
  });

  it('gives a tool without parameters a schema', () => {
    expect(written({ tools: [{ type: 'function', function: { name: 'a' } }], parallel_tool_calls: false })['tools']).toEqual([
      { type: 'function', function: { name: 'a', parameters: { type: 'object', properties: {} } } },
    ]);
  });

  it.each([
    [{ n: 2 }, 'n'],
    [{ logprobs: true, top_logprobs: 2 }, 'top_logprobs'],
    [{ logit_bias: { 1: 1 } }, 'logit_bias'],
    [{ modalities: ['audio'] }, 'modalities'],
    [{ web_search_options: {} }, 'web_search_options'],
    [{ tools: [tool('a'), tool('b')], parallel_tool_calls: false }, 'parallel_tool_calls'],
    [{ tools: [tool('a')], tool_choice: { type: 'function', function: { name: 'c' } } }, 'tool_choice'],
    [{ messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }] }, 'messages'],
    [{ messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } }] }] }, 'messages'],
    [{ messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] }, 'messages'],
  ])('with %j is refused by name', (body, param) => {
    expect(refusalOf(() => written(body)).details.param).toBe(param);
  });

  it.each([
    ['command-a-reasoning-08-2025', { reasoning_effort: 'none' }, { type: 'disabled' }],
    ['command-a-reasoning-08-2025', { reasoning_effort: 'low' }, { type: 'enabled', token_budget: 1_024 }],
    ['command-a-plus-05-2026', { reasoning_effort: 'high' }, { type: 'enabled' }],
    ['command-a-plus-05-2026', { thinking: { type: 'enabled', budget_tokens: 500 } }, { type: 'enabled', token_budget: 500 }],
    ['command-a-plus-05-2026', { thinking: { type: 'adaptive' } }, { type: 'enabled' }],
    ['command-r7b-12-2024', { thinking: { type: 'enabled', budget_tokens: 500 } }, undefined],
    ['command-a-03-2025', { reasoning_effort: 'none' }, undefined],
    ['command-a-03-2025', { reasoning_effort: 'high' }, { type: 'enabled' }],
  ])('to %s with %j wishes for thoughts', (model, body, thinking) => {
    expect(written(body, model)['thinking']).toEqual(thinking);
  });

  const CALL = { id: 'c1', type: 'function', function: { name: 'a', arguments: '{"x":1}' } };
  const HISTORY = [
    { role: 'system', content: 's1' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'look' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
      ],
    },
    { role: 'developer', content: 's2' },
    { role: 'assistant', content: 'let me', reasoning_content: 'hm', tool_calls: [CALL] },
    {
      role: 'tool',
      tool_call_id: 'c1',
      content: [
        { type: 'text', text: 'r1' },
        { type: 'text', text: 'r2' },
      ],
    },
    { role: 'assistant', content: '', reasoning_content: 'only a thought' },
    { role: 'assistant', content: 'done', reasoning_content: 'over' },
    { role: 'user', content: [{ type: 'file', file: { file_data: 'data:text/plain;base64,aGk=', filename: 'a.txt' } }] },
  ];
  const around = (assistant: object): object[] => [
    { role: 'system', content: 's1\n\ns2' },
    { role: 'user', content: HISTORY[1]?.content },
    { role: 'assistant', ...assistant, tool_calls: [CALL] },
    { role: 'tool', tool_call_id: 'c1', content: 'r1\n\nr2' },
    { role: 'assistant', content: 'done' },
    { role: 'user', content: 'a.txt\nhi' },
  ];

  it('holds what was said before; thoughts go with their calls, as a plan to the elder models and as a block to those that think', () => {
    expect(written({ messages: HISTORY })['messages']).toEqual(around({ content: 'let me', tool_plan: 'hm' }));
    const blocks = [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'let me' },
    ];
    expect(written({ messages: HISTORY }, 'command-a-reasoning-08-2025')['messages']).toEqual(around({ content: blocks }));
  });
});

const line = (data: object, name?: string): string => `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
const streamed = (text: string): { readonly events: readonly NeutralEvent[]; readonly dropped: number } => {
  const reader = cohere.streamReader(65_536, target());
  const events = [...reader.read(Buffer.from(text)), ...reader.end()];
  return { events: events.filter(({ kind }) => kind !== 'alive'), dropped: reader.dropped };
};
const message = (type: string, part: object, index = 0): object => ({ type, index, delta: { message: part } });
const failureOf = (events: readonly NeutralEvent[]): UpstreamFailure => {
  const last = events.at(-1);
  if (last?.kind !== 'failure') throw new Error(`no failure but ${JSON.stringify(last)}`);
  return last.failure;
};

describe('a stream of Cohere', () => {
  it('with a plan and calls side by side tells them one by one', () => {
    const call = (id: string, name: string): object => ({ tool_calls: { id, type: 'function', function: { name, arguments: '' } } });
    const piece = (text: string): object => ({ tool_calls: { function: { arguments: text } } });
    const text = [
      line({ id: 'i', type: 'message-start', delta: { message: { role: 'assistant' } } }),
      line(message('tool-plan-delta', { tool_plan: 'I will' })),
      line(message('tool-call-start', call('a1', 'a'), 0)),
      line(message('tool-call-delta', piece('{"x":'), 0)),
      line(message('tool-call-start', call('b1', 'b'), 1)),
      line(message('tool-call-delta', piece('1}'), 0)),
      line(message('tool-call-end', {}, 0)),
      line({ type: 'tool-call-end', index: 1 }),
      line(message('tool-call-start', { tool_calls: { type: 'function', function: { name: 'c', arguments: 'null' } } }, 2)),
      line(message('tool-call-delta', piece('lost'), 7)),
      line({ type: 'debug', prompt: 'x' }),
      line({ type: 'message-end', delta: { finish_reason: 'TOOL_CALL', usage: { billed_units: { input_tokens: 1, output_tokens: 2 } } } }),
      line(message('content-delta', { content: { text: 'late' } })),
      'data: [DONE]\n\n',
    ].join('');
    const begun = { kind: 'tool_call', choice: 0, signature: undefined };
    const json = { kind: 'tool_arguments', choice: 0 };
    expect(streamed(text)).toEqual({
      dropped: 0,
      events: [
        { kind: 'start', id: 'i' },
        { kind: 'reasoning', choice: 0, text: 'I will' },
        { ...begun, call: 0, id: 'a1', name: 'a' },
        { ...json, call: 0, json: '{"x":' },
        { ...begun, call: 1, id: 'b1', name: 'b' },
        { ...json, call: 0, json: '1}' },
        { ...json, call: 1, json: '{}' },
        { ...begun, call: 2, id: 'call_i_2', name: 'c' },
        { ...json, call: 2, json: '{}' },
        { kind: 'usage', usage: { input: 1, output: 2, cached: 0, cacheWritten: 0, reasoning: 0 } },
        { kind: 'finish', choice: 0, reason: 'tool_calls', stopSequence: undefined },
      ],
    });
  });

  it('counts calls in the order they begin, wherever Cohere counts from', () => {
    const begins = message('tool-call-start', { tool_calls: { id: 'a1', function: { name: 'a', arguments: '{"x":1}' } } }, 4);
    const { events } = streamed(line(begins) + line({ type: 'message-end', delta: { finish_reason: 'COMPLETE' } }));
    expect(events).toMatchObject([
      { kind: 'tool_call', call: 0 },
      { call: 0, json: '{"x":1}' },
      { kind: 'finish', reason: 'tool_calls' },
    ]);
  });

  it('tells thoughts, text, sources and probabilities', () => {
    const sources = [
      { type: 'document', id: 'd1', document: { title: 'T', url: 'https://a.example/d' } },
      { type: 'document', id: 'd2', document: { text: 'x' } },
      { type: 'tool', id: 't1', tool_output: { content: 'x' } },
      { type: 'tool', id: 't2', tool_output: { url: 'https://b.example', title: 'B' } },
    ];
    const logprobs = { token_ids: [1, 2], text: 'hé', logprobs: [-0.25, -0.5] };
    const text = [
      line(message('content-start', { content: { type: 'thinking', thinking: 'h' } })),
      line(message('content-delta', { content: { thinking: 'm' } })),
      line({ ...message('content-delta', { content: { text: 'hé' } }, 1), logprobs }),
      line(message('citation-start', { citations: { start: 0, end: 1, text: 'h', sources } })),
      line(message('citation-start', { citations: { start: 0, end: 1, text: 'h', sources } })),
      line({ type: 'message-end', delta: { finish_reason: 'STOP_SEQUENCE' } }),
    ].join('');
    const cited = { kind: 'citation', choice: 0, quote: undefined };
    expect(streamed(text).events).toEqual([
      { kind: 'reasoning', choice: 0, text: 'h' },
      { kind: 'reasoning', choice: 0, text: 'm' },
      { kind: 'text', choice: 0, text: 'hé' },
      { kind: 'logprobs', choice: 0, content: [{ token: 'hé', logprob: -0.75, bytes: [104, 195, 169], top_logprobs: [] }] },
      { ...cited, url: 'https://a.example/d', title: 'T' },
      { ...cited, url: 'source:d2', title: 'd2' },
      { ...cited, url: 'https://b.example', title: 'B' },
      { kind: 'finish', choice: 0, reason: 'stop_sequence', stopSequence: undefined },
    ]);
  });

  it.each([
    ['at its end', line({ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'CANARY upstream broke' } }), 'server_error'],
    ['in time', line({ type: 'message-end', delta: { finish_reason: 'TIMEOUT' } }), 'server_error'],
    ['by the length', line({ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'too many tokens: 9 over' } }), 'context_length'],
    ['flatly', line({ id: 'x', message: 'internal server error' }), 'server_error'],
    ['by name', line({ message: 'slow down', type: 'rate_limit' }, 'error'), 'rate_limited'],
  ])('that fails %s is a failure', (_name, text, kind) => {
    const { events } = streamed(text);
    expect(failureOf(events).kind).toBe(kind);
    if (kind === 'server_error') expect(failureOf(events).message).not.toContain('CANARY');
  });

  it('that fails after content is an interruption, and one without its end is not complete', () => {
    const adapter = new TranslatingAdapter(chat, cohere);
    const call = openaiCall({ model: 'asked', messages: [user], stream: true });
    const said = line(message('content-delta', { content: { text: 'a' } }));
    for (const rest of [line({ type: 'message-end', delta: { finish_reason: 'ERROR' } }), 'data: [DONE]\n\n', '']) {
      const translator = adapter.translator(call, target(), 65_536);
      translator.write(Buffer.from(said + rest));
      expect(translator.end().toString()).not.toContain('[DONE]');
      expect(translator.failure?.kind).toBe('interrupted');
    }
  });

  it('drops an event that is no JSON, and fails at three in a row', () => {
    const end = line({ type: 'message-end', delta: { finish_reason: 'COMPLETE' } });
    expect(streamed(`data: {"type\n\n${end}`)).toMatchObject({ dropped: 1, events: [{ kind: 'finish', reason: 'stop' }] });
    expect(failureOf(streamed(`${'data: {x\n\n'.repeat(3)}${end}`).events).kind).toBe('invalid');
  });

  it.each([null, 1, 'x', [], [1], {}, { message: null }, { message: { content: 7, tool_calls: [[]], citations: { sources: [3] }, tool_plan: {} } }])(
    'survives a delta that is %j',
    (delta) => {
      for (const type of [
        'message-start',
        'content-start',
        'content-delta',
        'tool-plan-delta',
        'tool-call-start',
        'tool-call-delta',
        'tool-call-end',
        'citation-start',
        'message-end',
      ])
        expect(() => streamed(line({ type, index: 'z', delta, logprobs: delta }))).not.toThrow();
    },
  );
});

describe('an answer of Cohere', () => {
  const read = (body: object | string): readonly NeutralEvent[] =>
    cohere.read(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), target());

  it('is told in its order, a call without arguments with empty ones', () => {
    const answer = {
      id: 'i',
      finish_reason: 'MAX_TOKENS',
      message: {
        tool_plan: 'plan',
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'text', text: 'a' },
          { type: 'text', text: '' },
        ],
        tool_calls: [
          { id: 'c', type: 'function', function: { name: 'f', arguments: null } },
          { id: 'd', function: { name: 'g', arguments: { x: 1 } } },
        ],
      },
      logprobs: [{ text: 'a', logprobs: [-1] }, { text: 'b' }],
      usage: { tokens: { input_tokens: 3, output_tokens: 4, reasoning_tokens: 1 }, cached_tokens: 2, billed_units: { input_tokens: 1 } },
    };
    expect(read(answer).map(({ kind }) => kind)).toEqual([
      'start',
      'reasoning',
      'reasoning',
      'text',
      'tool_call',
      'tool_arguments',
      'tool_call',
      'tool_arguments',
      'logprobs',
      'usage',
      'finish',
    ]);
    expect(read(answer).filter(({ kind }) => kind === 'tool_arguments')).toMatchObject([{ json: '{}' }, { json: '{"x":1}' }]);
    expect(read(answer).slice(-2)).toEqual([
      { kind: 'usage', usage: { input: 3, output: 4, cached: 2, cacheWritten: 0, reasoning: 1 } },
      { kind: 'finish', choice: 0, reason: 'length', stopSequence: undefined },
    ]);
  });

  it.each([
    ['no JSON', '<html>', 'invalid'],
    ['a list', '[]', 'invalid'],
    ['no message', { id: 'i' }, 'invalid'],
    ['an error', { id: 'i', message: 'too many tokens' }, 'context_length'],
    ['an error of its own', { id: 'i', message: 'broken' }, 'server_error'],
    ['an end that is none', { message: { content: [] }, finish_reason: 'ERROR' }, 'server_error'],
  ])('that is %s is a failure', (_name, body, kind) => {
    expect(failureOf(read(body)).kind).toBe(kind);
  });
});

describe('a refusal of Cohere', () => {
  it.each([
    [400, { message: 'invalid request: bad' }, {}, 'rejected', undefined],
    [401, { message: 'invalid api token' }, {}, 'auth', undefined],
    [402, { message: 'add a payment method' }, {}, 'quota_exhausted', undefined],
    [404, { message: "model 'x' not found" }, {}, 'rejected', undefined],
    [429, { message: 'slow down' }, { 'retry-after': '3' }, 'rate_limited', 3_000],
    [429, { message: 'You are using a Trial key, which is limited to 1000 API calls / month.' }, {}, 'quota_exhausted', undefined],
    [498, { message: 'blocked' }, {}, 'rejected', undefined],
    [499, { message: 'request cancelled' }, {}, 'server_error', undefined],
    [503, { data: 'x' }, {}, 'server_error', undefined],
  ] as const)('with %d and %j is named', (status, body, headers, kind, retryAfterMs) => {
    const failure = cohere.explain(target(), status, headers, Buffer.from(JSON.stringify(body)));
    expect(failure.kind).toBe(kind);
    expect(failure.details.retryAfterMs).toBe(retryAfterMs);
    if (kind === 'rejected') expect(failure.details.body?.error).toMatchObject({ message: body.message, param: null });
    else expect(failure.details.body).toBeUndefined();
  });
});

describe('embeddings of Cohere', () => {
  const callOf = (body: object): ReturnType<typeof openaiCall> => openaiCall({ model: 'asked', input: 'a', ...body }, {}, 'embeddings');
  const asked = (body: object, model = 'embed-v4.0'): unknown => {
    const request = cohere.writeEmbeddings(callOf(body), target(model));
    expect(request.path).toBe('/v2/embed');
    return parsedJson(request.body.toString());
  };
  const PLAIN = { model: 'embed-v4.0', texts: ['a'], input_type: 'search_document', embedding_types: ['float'] };

  it.each([
    [{}, {}],
    [{ input: ['a', 'b'], encoding_format: 'float' }, { texts: ['a', 'b'] }],
    [{ encoding_format: 'base64' }, { embedding_types: ['base64'] }],
    [
      { dimensions: 256, input_type: 'search_query', truncate: 'END', user: 'u' },
      { output_dimension: 256, input_type: 'search_query', truncate: 'END' },
    ],
  ])('are asked for with %j', (body, part) => {
    expect(asked(body)).toEqual({ ...PLAIN, ...part });
  });

  it('are asked for as images, and in numbers of models that know nothing else', () => {
    const image = 'data:image/png;base64,AAAA';
    const { texts: _, ...rest } = PLAIN;
    expect(asked({ input: image })).toEqual({ ...rest, images: [image], input_type: 'image' });
    expect(asked({ encoding_format: 'base64' }, 'embed-english-v2.0')).toMatchObject({ embedding_types: ['float'] });
  });

  it('in tokens are refused by name', () => {
    expect(refusalOf(() => asked({ input: [1, 2] })).details.param).toBe('input');
  });

  const answered = (body: object, call: object = {}): unknown => {
    const answer = cohere.readEmbeddings(Buffer.from(JSON.stringify(body)), callOf(call), target());
    return answer instanceof UpstreamFailure ? answer.kind : { ...(parsedJson(answer.body.toString()) as object), counted: answer.usage };
  };
  const meta = { billed_units: { input_tokens: 5 } };
  const base64 = Buffer.from(Float32Array.of(1, -0.5).buffer).toString('base64');
  const answer = (embedding: unknown): object => ({
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding }],
    model: 'outer',
    usage: { prompt_tokens: 5, total_tokens: 5 },
    counted: { input: 5, output: 0, cached: 0, reasoning: 0 },
  });

  it('are told in numbers or in base64, as they were asked for', () => {
    expect(answered({ embeddings: { float: [[1, -0.5]] }, meta })).toEqual(answer([1, -0.5]));
    expect(answered({ embeddings: { base64: [base64] }, meta }, { encoding_format: 'base64' })).toEqual(answer(base64));
    expect(answered({ embeddings: { float: [[1, -0.5]] }, meta }, { encoding_format: 'base64' })).toEqual(answer(base64));
    expect(answered({ embeddings: [[1, -0.5]], meta })).toEqual(answer([1, -0.5]));
  });

  it('that were not counted are estimated for the client alone', () => {
    expect(answered({ embeddings: { float: [[1]] } }, { input: 'five!' })).toMatchObject({ usage: { prompt_tokens: 2 }, counted: undefined });
  });

  it.each([
    [{ embeddings: { float: [] } }, 'invalid'],
    [{ embeddings: { float: [['x']] } }, 'invalid'],
    [{}, 'invalid'],
    [{ message: 'too many tokens' }, 'context_length'],
  ])('that are %j are a failure', (body, kind) => {
    expect(answered(body)).toBe(kind);
  });
});
