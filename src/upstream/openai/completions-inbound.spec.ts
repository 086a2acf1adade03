import OpenAI from 'openai';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { TranslatingAdapter } from '../neutral/translating-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { ChatOutbound } from './chat-outbound.js';
import { CompletionsInbound } from './completions-inbound.js';
import { type JsonObject, parsedJson } from './json-value.js';

const completions = new CompletionsInbound();
const reply = { id: 'abc', model: 'outer', createdAt: 1_700_000_000 };
const callOf = (body: object): InferenceCall => openaiCall({ model: 'asked', prompt: 'say', ...body }, {}, 'completions');
const read = (body: object): ReturnType<CompletionsInbound['read']> => completions.read(callOf(body));

function refusalOf(body: object): GatewayError {
  try {
    read(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('taken');
}

describe('a completion that is asked for', () => {
  it.each(['once upon', ['once upon']])('with the prompt %j is said by the user', (prompt) => {
    expect(read({ prompt }).turns).toEqual([{ role: 'user', parts: [{ kind: 'text', text: 'once upon' }] }]);
  });

  it('keeps what both sides can say', () => {
    const wishes = {
      max_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      n: 2,
      stop: ['a', 'b'],
      seed: 7,
      frequency_penalty: 0,
      presence_penalty: -1,
      logprobs: 0,
      user: 'u',
    };
    expect(read({ ...wishes, best_of: 2, echo: false, suffix: '', logit_bias: { 50256: -100 }, min_tokens: null })).toMatchObject({
      outputTokensMax: 9,
      temperature: 0.5,
      topP: 0.9,
      choices: 2,
      stop: ['a', 'b'],
      seed: 7,
      frequencyPenalty: 0,
      presencePenalty: -1,
      logprobs: 0,
      user: 'u',
      unsaid: new Map([['logit_bias', { 50256: -100 }]]),
    });
    expect(read({ stop: 'x' }).stop).toEqual(['x']);
    expect(read({ suffix: null, echo: null, best_of: null, logprobs: null })).toMatchObject({ logprobs: undefined, unsaid: new Map() });
  });

  it.each([
    [{ prompt: undefined }, 'prompt', 'missing_required_parameter'],
    [{ prompt: null }, 'prompt', 'missing_required_parameter'],
    [{ prompt: '' }, 'prompt', 'invalid_value'],
    [{ prompt: [] }, 'prompt', 'invalid_value'],
    [{ prompt: [''] }, 'prompt[0]', 'invalid_value'],
    [{ prompt: ['a', 'b'] }, 'prompt', 'invalid_value'],
    [{ prompt: [12, 13] }, 'prompt', 'invalid_value'],
    [{ prompt: [[12, 13]] }, 'prompt', 'invalid_value'],
    [{ prompt: { a: 1 } }, 'prompt', 'invalid_value'],
    [{ suffix: 'after' }, 'suffix', 'invalid_value'],
    [{ echo: true }, 'echo', 'invalid_value'],
    [{ best_of: 3 }, 'best_of', 'invalid_value'],
    [{ n: 2, best_of: 3 }, 'best_of', 'invalid_value'],
    [{ logprobs: 6 }, 'logprobs', 'invalid_value'],
    [{ max_tokens: 0 }, 'max_tokens', 'invalid_value'],
    [{ temperature: 'hot' }, 'temperature', 'invalid_value'],
  ])('with %j is refused by name', (body, param, code) => {
    expect(refusalOf(body)).toMatchObject({ code, details: { param } });
  });
});

const SAID: readonly NeutralEvent[] = [
  { kind: 'start', id: 'chatcmpl-1' },
  { kind: 'alive' },
  { kind: 'reasoning', choice: 0, text: 'hm' },
  { kind: 'text', choice: 0, text: 'Wö"' },
  { kind: 'logprobs', choice: 0, content: [{ token: 'Wö"', logprob: -0.5, bytes: null, top_logprobs: [{ token: 'Wa', logprob: -1, bytes: null }] }] },
  { kind: 'citation', choice: 0, url: 'u', title: 't', quote: undefined },
  { kind: 'text', choice: 0, text: 'rld' },
  { kind: 'logprobs', choice: 0, content: [{ token: 'rld', logprob: -0.25, bytes: null, top_logprobs: [] }, { broken: true }] },
  { kind: 'refusal', choice: 1, text: 'no' },
  { kind: 'finish', choice: 0, reason: 'stop_sequence', stopSequence: '.' },
  { kind: 'finish', choice: 1, reason: 'length', stopSequence: undefined },
  { kind: 'usage', usage: { input: 3, output: 4, cached: 1, cacheWritten: 0, reasoning: 2 } },
];
const USAGE = {
  prompt_tokens: 3,
  completion_tokens: 4,
  total_tokens: 7,
  prompt_tokens_details: { cached_tokens: 1 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

describe('a completion that is answered', () => {
  it('whole is what was said, with the places of its tokens behind the prompt', () => {
    expect(parsedJson(completions.answer(SAID, { ...reply, id: 'chatcmpl-1' }, callOf({ prompt: '🙂!' })).toString())).toEqual({
      id: 'cmpl-1',
      object: 'text_completion',
      created: 1_700_000_000,
      model: 'outer',
      choices: [
        {
          text: 'Wö"rld',
          index: 0,
          logprobs: { tokens: ['Wö"', 'rld'], token_logprobs: [-0.5, -0.25], top_logprobs: [{ Wa: -1 }, {}], text_offset: [2, 5] },
          finish_reason: 'stop',
        },
        { text: 'no', index: 1, logprobs: null, finish_reason: 'length' },
      ],
      usage: USAGE,
    });
  });

  function chunksOf(body: object): { readonly chunks: JsonObject[]; readonly text: string } {
    const writer = completions.streamWriter(reply, callOf({ stream: true, ...body }));
    const text = SAID.map((event) => writer.write(event)).join('') + writer.end();
    const lines = text.split('\n\n').filter((line) => line.startsWith('data: {'));
    return { chunks: lines.map((line) => parsedJson(line.slice(6)) as JsonObject), text };
  }

  it('in a stream is chunks of text, a finish for each choice, and [DONE]', () => {
    const { chunks, text } = chunksOf({});
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    for (const chunk of chunks) {
      expect(Object.keys(chunk)).toEqual(['id', 'object', 'created', 'model', 'choices']);
      expect(chunk).toMatchObject({ id: 'cmpl-1', object: 'text_completion', created: 1_700_000_000, model: 'outer' });
    }
    const plain = { logprobs: null, finish_reason: null };
    expect(chunks.map(({ choices }) => (choices as unknown[])[0])).toEqual([
      { text: 'Wö"', index: 0, ...plain },
      { ...plain, text: '', index: 0, logprobs: { tokens: ['Wö"'], token_logprobs: [-0.5], top_logprobs: [{ Wa: -1 }], text_offset: [3] } },
      { text: 'rld', index: 0, ...plain },
      { ...plain, text: '', index: 0, logprobs: { tokens: ['rld'], token_logprobs: [-0.25], top_logprobs: null, text_offset: [6] } },
      { text: 'no', index: 1, ...plain },
      { ...plain, text: '', index: 0, finish_reason: 'stop' },
      { ...plain, text: '', index: 1, finish_reason: 'length' },
    ]);
  });

  it('in a stream tells usage at the end, where it was asked for', () => {
    const { chunks } = chunksOf({ stream_options: { include_usage: true } });
    expect(chunks.slice(0, -1).map(({ usage }) => usage)).toEqual(Array(7).fill(null));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: USAGE });
  });

  it('in a stream that breaks says so', () => {
    const writer = completions.streamWriter(reply, callOf({ stream: true }));
    const error = { message: 'm', type: 'server_error', param: null, code: 'c' };
    expect(writer.fail({ error })).toBe(`data: ${JSON.stringify({ error })}\n\n`);
  });
});

describe('with a provider that chats', () => {
  const adapter = new TranslatingAdapter(completions, new ChatOutbound());

  it("is read by OpenAI's own client", async () => {
    const call = callOf({ stream: true });
    const chat = {
      id: 'chatcmpl-9',
      choices: [{ index: 0, message: { content: 'hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    };
    const answer = adapter.answer(call, openaiTarget(), Buffer.from(JSON.stringify(chat)));
    if (answer instanceof UpstreamFailure) throw answer;
    const translator = adapter.translator(call, openaiTarget(), 65_536);
    const chunk = (part: object): string => `data: ${JSON.stringify({ id: 'chatcmpl-9', choices: [{ index: 0, ...part }] })}\n\n`;
    const stream =
      chunk({ delta: { role: 'assistant', content: '' } }) +
      chunk({ delta: { content: 'hel' } }) +
      chunk({ delta: { content: 'lo' }, finish_reason: 'stop' });
    const bytes = Buffer.concat([translator.write(Buffer.from(`${stream}data: [DONE]\n\n`)), translator.end()]);
    expect(translator.failure).toBeUndefined();
    const client = (body: Buffer, type: string): OpenAI =>
      new OpenAI({
        apiKey: 'x',
        baseURL: 'http://127.0.0.1:9/v1',
        maxRetries: 0,
        fetch: () => Promise.resolve(new Response(new Uint8Array(body), { headers: { 'content-type': type } })),
      });
    const whole = await client(answer.body, 'application/json').completions.create({ model: 'm', prompt: 'p' });
    expect(whole.choices[0]).toMatchObject({ text: 'hello', finish_reason: 'stop' });
    let text = '';
    for await (const { choices } of await client(bytes, 'text/event-stream').completions.create({ model: 'm', prompt: 'p', stream: true }))
      text += choices[0]?.text;
    expect(text).toBe('hello');
  });
});
