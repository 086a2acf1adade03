import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import type { ProviderQuirks } from '../../contracts/gateway-settings.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { OpenaiAdapter } from './openai-adapter.js';

const LOOSE = { looseShape: true } as const;
const COUNTS = { prompt_tokens: 1, completion_tokens: 2, completion_tokens_details: { reasoning_tokens: 3 } };
const CALL = { index: 0, id: 't1', type: 'function', function: { name: 'f', arguments: '{}' } };
const piece = (delta: object | undefined, rest: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, ...(delta && { delta }), finish_reason: null, ...rest }],
});

interface Chunk {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly usage?: unknown;
  readonly choices: readonly { readonly delta: object; readonly finish_reason: string | null }[];
}

function streamed(chunks: readonly object[], quirks: object = LOOSE): { readonly heard: Chunk[]; readonly failure: UpstreamFailure | undefined } {
  const translator = new OpenaiAdapter().translator(openaiCall({ model: 'chat', stream: true }), openaiTarget(quirks), 10_000);
  const text = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
  const output = translator.write(Buffer.from(text)).toString() + translator.end().toString();
  const events = output.split('\n\n').filter((event) => event !== '' && event !== 'data: [DONE]');
  expect(output.endsWith('data: [DONE]\n\n')).toBe(true);
  return { heard: events.map((event) => JSON.parse(event.slice(6)) as Chunk), failure: translator.failure };
}

function answered(body: object, quirks: object = LOOSE): { readonly choices: readonly Record<string, unknown>[] } & Record<string, unknown> {
  const answer = new OpenaiAdapter().answer(openaiCall({ model: 'chat' }), openaiTarget(quirks), Buffer.from(JSON.stringify(body)));
  if (answer instanceof UpstreamFailure) throw answer;
  return JSON.parse(answer.body.toString()) as ReturnType<typeof answered>;
}

describe('a provider whose shape is loose, streaming', () => {
  it('what is as OpenAI has it goes on byte for byte', () => {
    const translator = new OpenaiAdapter().translator(openaiCall({ model: 'chat', stream: true }), openaiTarget(LOOSE), 10_000);
    const whole = { ...piece({ content: 'hi' }), model: openaiTarget(LOOSE).answersAs };
    const bytes = Buffer.from(`data: ${JSON.stringify(whole)}\n\n`);
    expect(translator.write(bytes)).toBe(bytes);
  });

  it('an id, an object and a time that are missing or odd are put in, the same in every chunk', () => {
    const { heard } = streamed([
      { ...piece({ content: 'a' }), id: '', object: 'chat.completion.done' },
      { model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    ]);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(1);
    for (const chunk of heard)
      expect(chunk).toMatchObject({ id: expect.stringMatching(/^chatcmpl-./), object: 'chat.completion.chunk', model: 'outer' });
    expect(heard.every(({ created }) => Number.isInteger(created))).toBe(true);
  });

  it('an end that is not told yet is written down as none', () => {
    const open = { ...piece({ content: 'a' }), choices: [{ index: 0, delta: { content: 'a' } }] };
    const { heard } = streamed([open, piece({}, { finish_reason: 'stop' }), { ...open, choices: [{ index: 0, delta: {} }] }]);
    expect(heard.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, 'stop', null]);
  });

  it('an id that changes on the way is the first one to the end', () => {
    const { heard } = streamed([piece({ content: 'a' }), { ...piece({}, { finish_reason: 'stop' }), id: 'other', model: undefined }]);
    expect(heard.map(({ id }) => id)).toEqual(['chatcmpl-1', 'chatcmpl-1']);
  });

  it.each([undefined, null, '', 'inner', 7])('a model that is called %j has the name that the client knows, once', (model) => {
    expect(
      streamed([
        { ...piece({ content: 'a' }), model },
        { ...piece({}, { finish_reason: 'stop' }), model },
      ]).heard,
    ).toMatchObject([{ model: 'outer' }, { model: 'outer' }]);
  });

  it('a chunk that has neither a choice nor usage stays here', () => {
    const { heard } = streamed([
      { id: '', choices: [], prompt_filter_results: [] },
      piece({ content: 'a' }),
      piece(undefined, { content_filter_offsets: {} }),
      piece({}, { finish_reason: 'stop' }),
    ]);
    expect(heard).toHaveLength(3);
    expect(heard[1]?.choices[0]?.delta).toEqual({});
  });

  it('usage that is not counted yet is none, a total that is missing is the sum', () => {
    const { heard } = streamed([
      { ...piece({ content: 'a' }), usage: { prompt_tokens: 3, completion_tokens: null, total_tokens: null } },
      { ...piece({}, { finish_reason: 'stop' }), usage: { prompt_tokens: 3, completion_tokens: 2 } },
    ]);
    expect(heard.map(({ usage }) => usage)).toEqual([null, { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }]);
  });

  it.each([
    [{ cached_tokens: 2 }, { cached_tokens: 2, prompt_tokens_details: { cached_tokens: 2 } }],
    [
      { cached_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } },
      { cached_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } },
    ],
  ])('tokens of the cache that are counted beside the others (%j) stand where clients look', (given, wanted) => {
    const counts = { prompt_tokens: 3, completion_tokens: 2 };
    const { heard } = streamed([{ ...piece({}, { finish_reason: 'stop' }), usage: { ...counts, ...given } }]);
    expect(heard[0]?.usage).toEqual({ ...counts, total_tokens: 5, ...wanted });
  });

  it.each([
    ['eos', false, 'stop'],
    ['eos_token', false, 'stop'],
    ['stop_sequence', false, 'stop'],
    ['stop', true, 'tool_calls'],
    ['tool_call', true, 'tool_calls'],
    ['tool_use', true, 'tool_calls'],
    ['model_length', false, 'length'],
    ['model_context_window_exceeded', false, 'length'],
    ['sensitive', false, 'content_filter'],
    ['content_filter', false, 'content_filter'],
  ])('an end called "%s" (calls: %s) is "%s"', (word, calls, wanted) => {
    const said = calls ? { tool_calls: [CALL] } : { content: 'a' };
    const { heard } = streamed([piece(said), piece({}, { finish_reason: word })]);
    expect(heard.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, wanted]);
  });

  it.each([
    ['', 'tool_calls'],
    [null, 'tool_calls'],
  ])('a choice whose end is %j until [DONE] is given one', (word, wanted) => {
    const { heard, failure } = streamed([piece({ tool_calls: [CALL] }, { finish_reason: word }), piece({ content: '' }, { finish_reason: word })]);
    expect(failure).toBeUndefined();
    expect(heard.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, wanted]);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(1);
  });

  it('an end that is said twice is the same end', () => {
    const { heard } = streamed([
      piece({ tool_calls: [CALL] }),
      piece({}, { finish_reason: 'stop' }),
      piece({ content: '' }, { finish_reason: 'stop' }),
    ]);
    expect(heard.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, 'tool_calls', 'tool_calls']);
  });

  it('without that quirk nothing is touched', () => {
    const odd = { ...piece({ content: 'a' }, { finish_reason: 'eos' }), id: '', object: 'odd' };
    expect(streamed([odd], {}).heard[0]).toMatchObject({ id: '', object: 'odd', choices: [{ finish_reason: 'eos' }] });
  });
});

describe('a provider whose shape is loose, answering at once', () => {
  it('is given what is missing; fields that are written out empty are none', () => {
    const message = {
      content: 'Sure',
      function_call: { name: '', arguments: '' },
      audio: { id: '', data: '' },
      tool_calls: [{ id: '', function: { name: '', arguments: '' } }, CALL],
    };
    const answer = answered({ id: '', choices: [{ index: 0, finish_reason: '', message }], usage: { prompt_tokens: 1, completion_tokens: 1 } });
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-./),
      object: 'chat.completion',
      created: expect.any(Number),
      usage: { total_tokens: 2 },
    });
    expect(answer.choices[0]).toEqual({
      index: 0,
      finish_reason: 'tool_calls',
      message: { role: 'assistant', content: 'Sure', function_call: null, audio: null, tool_calls: [CALL] },
    });
  });

  it.each([
    [{ role: 'assistant', tool_calls: [CALL] }, null],
    [{ role: 'assistant', content: 'a', tool_calls: [CALL] }, 'a'],
    [{ tool_calls: [CALL] }, null],
  ])('the message %j has content that clients can look at', (message, wanted) => {
    const answer = answered({ id: 'x', choices: [{ index: 0, finish_reason: 'tool_calls', message }] });
    expect(answer.choices[0]?.['message']).toEqual({ role: 'assistant', content: wanted, tool_calls: [CALL] });
  });

  it.each([
    ['eos', 'stop'],
    [null, 'stop'],
    ['length', 'length'],
  ])('an end called %j is "%s"', (word, wanted) => {
    const answer = answered({ id: 'x', choices: [{ index: 0, finish_reason: word, message: { role: 'assistant', content: 'a' } }] });
    expect(answer.choices[0]?.['finish_reason']).toBe(wanted);
  });
});

describe('a provider whose shape is loose, completing a text', () => {
  it('has the object and the end of OpenAI, and no delta', () => {
    const target = openaiTarget(LOOSE);
    const answer = new OpenaiAdapter().answer(
      openaiCall({ model: 'chat', prompt: 'a' }, {}, 'completions'),
      target,
      Buffer.from(JSON.stringify({ object: 'text.completion', choices: [{ index: 0, text: 'b', finish_reason: 'eos' }] })),
    );
    if (answer instanceof UpstreamFailure) throw answer;
    expect(JSON.parse(answer.body.toString())).toEqual({
      id: expect.stringMatching(/^cmpl-./),
      object: 'text_completion',
      created: expect.any(Number),
      model: 'outer',
      choices: [{ index: 0, text: 'b', finish_reason: 'stop' }],
    });
  });

  it('streams so too', () => {
    const call = openaiCall({ model: 'chat', prompt: 'a', stream: true }, {}, 'completions');
    const translator = new OpenaiAdapter().translator(call, openaiTarget(LOOSE), 10_000);
    const piece = JSON.stringify({ object: 'text.completion.chunk', choices: [{ index: 0, text: 'b', finish_reason: null }] });
    const [first = '', last = ''] = translator
      .write(Buffer.from(`data: ${piece}\n\ndata: [DONE]\n\n`))
      .toString()
      .split('\n\n');
    expect(JSON.parse(first.slice(6))).toMatchObject({ object: 'text_completion', choices: [{ index: 0, text: 'b', finish_reason: null }] });
    expect(JSON.parse(last.slice(6))).toMatchObject({ object: 'text_completion', choices: [{ index: 0, text: '', finish_reason: 'stop' }] });
  });
});

it.each<ProviderQuirks>([
  LOOSE,
  { ...LOOSE, reasoningApart: true },
  { ...LOOSE, contentParts: true, usageAt: 'x_groq' },
  { contentParts: true, reasoningApart: true },
])('whatever a provider of %j says, what goes on is JSON', (quirks) => {
  const random = new SeededRandom(7);
  const pick = <T>(...values: readonly T[]): T | undefined => values[random.below(values.length)];
  const fields = (made: Record<string, () => unknown>): object =>
    Object.fromEntries(Object.entries(made).flatMap(([name, make]) => (random.below(2) === 0 ? [] : [[name, make()]])));
  const holder = (): object =>
    fields({
      role: () => pick<unknown>('assistant', null, 7),
      content: () => pick<unknown>('a', null, [], 7, { a: 1 }, [{ type: 'text', text: 'a' }]),
      tool_calls: () => pick<unknown>([CALL], [{}, CALL], [{}], null, 7, []),
      function_call: () => pick<unknown>({}, { name: '' }, { name: 'f' }, null),
      audio: () => pick<unknown>({}, { id: '' }, 7),
    });
  const choice = (): unknown =>
    pick<unknown>(
      {},
      null,
      fields({
        index: () => pick<unknown>(0, 1, 'x'),
        delta: holder,
        message: holder,
        finish_reason: () => pick<unknown>('', 'eos', 'stop', null, 7),
      }),
    );
  const said = (): object => ({
    choices: [choice(), choice()],
    ...fields({
      id: () => pick<unknown>('', null, 7, 'x'),
      object: () => pick<unknown>('', 'y'),
      created: () => pick<unknown>(1, null, '1'),
      model: () => pick<unknown>('inner', '', null, 7),
      x_groq: () => ({ usage: COUNTS }),
      usage: () => pick<unknown>({}, COUNTS, { ...COUNTS, cached_tokens: 1 }, { ...COUNTS, total_tokens: 9 }, { prompt_tokens: null }, null, 7),
    }),
  });
  const target = openaiTarget(quirks, { provider: 'mistral' });
  for (let round = 0; round < 500; round++) {
    for (const endpoint of ['chat_completions', 'completions'] as const) {
      const translator = new OpenaiAdapter().translator(openaiCall({ model: 'chat', stream: true }, {}, endpoint), target, 10_000);
      const bytes = Buffer.from(`data: ${JSON.stringify(said())}\n\ndata: ${JSON.stringify(said())}\n\ndata: [DONE]\n\n`);
      for (const event of (translator.write(bytes).toString() + translator.end().toString()).split('\n\n'))
        if (event !== '' && event !== 'data: [DONE]') JSON.parse(event.slice(6));
      const answer = new OpenaiAdapter().answer(openaiCall({ model: 'chat' }, {}, endpoint), target, Buffer.from(JSON.stringify(said())));
      if (!(answer instanceof UpstreamFailure)) JSON.parse(answer.body.toString());
    }
  }
});

describe('a provider whose shape is loose, embedding texts', () => {
  const embedded = (body: object): unknown => {
    const call = openaiCall({ model: 'chat', input: 'a' }, {}, 'embeddings');
    const answer = new OpenaiAdapter().answer(call, openaiTarget(LOOSE), Buffer.from(JSON.stringify(body)));
    if (answer instanceof UpstreamFailure) throw answer;
    return JSON.parse(answer.body.toString());
  };
  const data = [{ object: 'embedding', index: 0, embedding: [1] }];

  it('says what it is, of which model, and how many tokens the texts had', () => {
    const wanted = { object: 'list', model: 'outer', data, usage: { prompt_tokens: 7, total_tokens: 7 } };
    expect(embedded({ data, usage: { total_tokens: 7 } })).toEqual(wanted);
    expect(embedded({ data })).toEqual({ object: 'list', model: 'outer', data });
  });

  it('is left as it is where it lacks nothing', () => {
    const whole = { object: 'list', model: 'outer', data, usage: { prompt_tokens: 3, total_tokens: 4 } };
    expect(embedded(whole)).toEqual(whole);
  });
});
