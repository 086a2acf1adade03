import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../test/contracts/upstream-transport.js';
import { RecordingSink } from '../../../test/doubles/recording-sink.js';
import { settingsFrom } from '../../../test/doubles/settings-from.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { MockTransport } from './mock-transport.js';

type Json = Record<string, unknown>;
const CHAT = { model: 'm', messages: [{ role: 'user', content: 'hello big world' }] };
const transport = new MockTransport();

function upstream(options = ''): UpstreamSettings {
  return settingsFrom({ GATEWAY_UPSTREAMS: `mock=mock://local${options}` }).routing.upstreams.get('mock') as UpstreamSettings;
}
function send(body: unknown, path = '/chat/completions', options = '', over = transport): RecordingSink {
  const sink = new RecordingSink();
  over.send(upstream(options), { path, headers: {}, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }, sink);
  return sink;
}
async function answer(body: unknown, path?: string, options?: string): Promise<Json & { status: number }> {
  const sink = await send(body, path, options).over;
  expect(sink.headers['content-length']).toBe(String(Buffer.byteLength(sink.text)));
  return { status: sink.status, ...(JSON.parse(sink.text) as Json) };
}
async function events(body: Json, path?: string, options?: string): Promise<Json[]> {
  const sink = await send({ ...body, stream: true }, path, options).over;
  const lines = sink.text.split('\n\n').filter((line) => line !== '');
  expect(lines.pop()).toBe('data: [DONE]');
  return lines.map((line) => JSON.parse(line.slice('data: '.length)) as Json);
}
const textOf = (chunks: Json[], index = 0): string =>
  chunks
    .flatMap((chunk) => chunk['choices'] as { index: number; text?: string; delta?: { content?: string } }[])
    .filter((choice) => choice.index === index)
    .map((choice) => choice.delta?.content ?? choice.text ?? '')
    .join('');

describe('an answer', () => {
  it('is OpenAI’s, echoes the last words of the user, and counts its tokens', async () => {
    const body = await answer({ ...CHAT, messages: [{ role: 'system', content: 'x' }, ...CHAT.messages] });
    expect(body).toMatchObject({ status: 200, object: 'chat.completion', model: 'm', choices: [{ index: 0, finish_reason: 'stop' }] });
    const [choice] = body['choices'] as { message: { content: string } }[];
    expect(choice?.message.content).toContain('"hello big world" (3 words)');
    expect(body['usage']).toMatchObject({ prompt_tokens: 3 + 1 + 3 + 4, completion_tokens: choice?.message.content.split(' ').length });
  });

  it('is the same to the same request but for id and time, and another to another', async () => {
    const stripped = async (body: Json): Promise<Json> => ({ ...(await answer(body)), id: '', created: 0 });
    expect(await stripped(CHAT)).toEqual(await stripped(CHAT));
    expect(await stripped(CHAT)).not.toEqual(await stripped({ ...CHAT, messages: [{ role: 'user', content: 'other' }] }));
    expect((await answer(CHAT))['id']).not.toBe((await answer(CHAT))['id']);
  });

  it('says the same in a stream: role, words, finish, usage where asked for, [DONE]', async () => {
    const whole = await answer(CHAT);
    const chunks = await events({ ...CHAT, stream_options: { include_usage: true } });
    expect(chunks[0]).toMatchObject({
      object: 'chat.completion.chunk',
      usage: null,
      choices: [{ delta: { role: 'assistant', content: '' }, finish_reason: null }],
    });
    expect(textOf(chunks)).toBe((whole['choices'] as { message: { content: string } }[])[0]?.message.content);
    expect(chunks.at(-2)).toMatchObject({ choices: [{ delta: {}, finish_reason: 'stop' }] });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole['usage'] as object });
    expect(chunks).toHaveLength((whole['usage'] as { completion_tokens: number }).completion_tokens + 3);
    expect((await events(CHAT)).some((chunk) => 'usage' in chunk)).toBe(false);
  });

  it('has as many choices as asked for, ends at max_tokens and at stop strings', async () => {
    const chunks = await events({ ...CHAT, n: 2, max_tokens: 2 });
    expect([textOf(chunks, 0), textOf(chunks, 1)]).toEqual(['You said', 'You said']);
    expect((await answer({ ...CHAT, n: 3, max_completion_tokens: 1 }))['choices']).toMatchObject(
      Array(3).fill({ message: { content: 'You' }, finish_reason: 'length' }),
    );
    expect((await answer({ ...CHAT, stop: [' said'] }))['choices']).toMatchObject([{ message: { content: 'You' }, finish_reason: 'stop' }]);
  });

  it('calls the tool that tool_choice demands, with arguments of its schema, whole and in a stream', async () => {
    const parameters = {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 }, unit: { enum: ['c', 'f'] } },
    };
    const body = { ...CHAT, tools: [{ type: 'function', function: { name: 'weather', parameters } }] };
    const call = { name: 'weather', arguments: '{"city":"sample","days":2,"unit":"c"}' };
    for (const choice of ['required', { type: 'function', function: { name: 'weather' } }]) {
      const whole = await answer({ ...body, tool_choice: choice });
      expect(whole['choices']).toMatchObject([
        { message: { content: null, tool_calls: [{ type: 'function', function: call }] }, finish_reason: 'tool_calls' },
      ]);
      const calls = (await events({ ...body, tool_choice: choice })).flatMap(
        (chunk) => chunk['choices'] as { delta: { tool_calls?: { function: Json }[] } }[],
      );
      const parts = calls.flatMap(({ delta }) => delta.tool_calls ?? []).map((part) => part.function);
      expect(parts[0]?.['name']).toBe('weather');
      expect(parts.map((part) => part['arguments']).join('')).toBe(call.arguments);
    }
    expect((await answer(body))['choices']).toMatchObject([{ finish_reason: 'stop' }]);
    expect(await answer({ ...body, tool_choice: { type: 'function', function: { name: 'other' } } })).toMatchObject({
      status: 400,
      error: { param: 'tool_choice' },
    });
  });

  it('is JSON where JSON was asked for', async () => {
    const schema = { type: 'object', properties: { list: { type: 'array', items: { type: 'boolean' } } } };
    const text = async (format: Json): Promise<unknown> =>
      JSON.parse(((await answer({ ...CHAT, response_format: format }))['choices'] as { message: { content: string } }[])[0]?.message.content ?? '');
    expect(await text({ type: 'json_schema', json_schema: { name: 'x', schema } })).toEqual({ list: [true] });
    expect(await text({ type: 'json_object' })).toEqual({ reply: expect.stringContaining('You said') });
  });

  it('completes prompts, one or several', async () => {
    const one = await answer({ model: 'm', prompt: 'once upon' }, '/completions');
    expect(one).toMatchObject({ object: 'text_completion', choices: [{ index: 0, finish_reason: 'stop' }], usage: { prompt_tokens: 3 } });
    const chunks = await events({ model: 'm', prompt: ['a', 'b c'], n: 2 }, '/completions');
    expect([0, 1, 2, 3].map((index) => textOf(chunks, index).slice(0, 16))).toEqual([
      'You said "a" (1 ',
      'You said "a" (1 ',
      'You said "b c" (',
      'You said "b c" (',
    ]);
  });

  it('embeds: the same text has the same vector of length 1, as numbers and as base64', async () => {
    const embed = async (fields: Json): Promise<unknown[]> =>
      ((await answer({ model: 'm', ...fields }, '/embeddings'))['data'] as { embedding: unknown }[]).map(({ embedding }) => embedding);
    const [first, second, other] = (await embed({ input: ['same', 'same', 'other'] })) as number[][];
    expect(first).toEqual(second);
    expect(first).not.toEqual(other);
    expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 5);
    const [packed] = await embed({ input: 'same', encoding_format: 'base64' });
    const bytes = Buffer.from(String(packed), 'base64');
    expect(bytes.readFloatLE(4)).toBeCloseTo(first?.[1] ?? NaN, 6);
    expect((await embed({ input: [1, 2, 3], dimensions: 8 }))[0]).toHaveLength(8);
    expect((await answer({ model: 'm', input: [[1, 2], [3]] }, '/embeddings'))['usage']).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  });
});

describe('refuses like OpenAI', () => {
  const message = { role: 'user', content: 'x' };
  it.each<[string, unknown, string, string]>([
    ['/chat/completions', {}, 'messages', 'missing_required_parameter'],
    ['/chat/completions', { messages: null }, 'messages', 'missing_required_parameter'],
    ['/chat/completions', { messages: 'hi' }, 'messages', 'invalid_value'],
    ['/chat/completions', { messages: {} }, 'messages', 'invalid_value'],
    ['/chat/completions', { messages: [] }, 'messages', 'invalid_value'],
    ['/chat/completions', { messages: ['hi'] }, 'messages[0]', 'invalid_value'],
    ['/chat/completions', { messages: [message, { content: 'x' }] }, 'messages[1].role', 'missing_required_parameter'],
    ['/chat/completions', { messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role', 'invalid_value'],
    ['/chat/completions', { messages: [{ role: 'user' }] }, 'messages[0].content', 'missing_required_parameter'],
    ['/chat/completions', { messages: [{ role: 'user', content: 5 }] }, 'messages[0].content', 'invalid_value'],
    ['/chat/completions', { messages: [{ role: 'user', content: [{}] }] }, 'messages[0].content[0].type', 'missing_required_parameter'],
    ['/chat/completions', { messages: [message], n: 0 }, 'n', 'invalid_value'],
    ['/chat/completions', { messages: [message], n: '1' }, 'n', 'invalid_value'],
    ['/chat/completions', { messages: [message], stream: 'yes' }, 'stream', 'invalid_value'],
    ['/chat/completions', { messages: [message], stop: 5 }, 'stop', 'invalid_value'],
    ['/completions', {}, 'prompt', 'missing_required_parameter'],
    ['/completions', { prompt: 5 }, 'prompt', 'invalid_value'],
    ['/completions', { prompt: [{}] }, 'prompt', 'invalid_value'],
    ['/embeddings', {}, 'input', 'missing_required_parameter'],
    ['/embeddings', { input: '' }, 'input', 'invalid_value'],
    ['/embeddings', { input: [] }, 'input', 'invalid_value'],
    ['/embeddings', { input: [true] }, 'input', 'invalid_value'],
    ['/embeddings', { input: 'x', encoding_format: 'hex' }, 'encoding_format', 'invalid_value'],
  ])('%s %j', async (path, fields, param, code) => {
    expect(await answer({ model: 'm', ...(fields as Json) }, path)).toMatchObject({
      status: 400,
      error: { type: 'invalid_request_error', param, code },
    });
  });

  it('what is no JSON object, a missing model, and a path it does not have', async () => {
    for (const body of ['{', '[]', 'null', '']) expect((await answer(body)).status).toBe(400);
    expect(await answer({ messages: CHAT.messages })).toMatchObject({ error: { param: 'model', code: 'missing_required_parameter' } });
    expect((await answer(CHAT, '/images')).status).toBe(404);
  });
});

describe('as a practice target', () => {
  it('status: answers every call with it; a 429 says when to come back', async () => {
    const refused = await send(CHAT, undefined, '?status=429').over;
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { type: 'rate_limit_error' } });
    expect(await answer(CHAT, undefined, '?status=503')).toMatchObject({ status: 503, error: { type: 'server_error' } });
    expect(await answer(CHAT, undefined, '?status=201')).toMatchObject({ status: 201, object: 'chat.completion' });
  });

  it('reply: says just that', async () => {
    expect((await answer(CHAT, undefined, '?reply=just%20this'))['choices']).toMatchObject([{ message: { content: 'just this' } }]);
    expect(textOf(await events(CHAT, undefined, '?reply=just%20this'))).toBe('just this');
  });

  it('error_rate: fails about that share of calls, the same ones in every run', async () => {
    const run = async (): Promise<string> => {
      const fresh = new MockTransport();
      const sinks = await Promise.all(Array.from({ length: 1_000 }, () => send(CHAT, undefined, '?error_rate=0.1', fresh).over));
      return sinks.map(({ status }) => (status === 500 ? 'x' : '.')).join('');
    };
    const first = await run();
    const failed = first.split('x').length - 1;
    expect(failed).toBeGreaterThan(70);
    expect(failed).toBeLessThan(130);
    expect(await run()).toBe(first);
  });

  it('ttft and tps: the head waits, then words come at their pace', async () => {
    const times: number[] = [];
    const startedAt = performance.now();
    const sink = send({ ...CHAT, stream: true }, undefined, '?ttft=100ms&tps=100&reply=a+b+c+d+e+f+g+h+i+j+k');
    sink.onTold = () => void times.push(performance.now() - startedAt);
    await sink.over;
    expect(times[0]).toBeGreaterThanOrEqual(98);
    expect(times[0]).toBeLessThan(140);
    expect(times.at(-1)).toBeGreaterThanOrEqual(198);
    expect(times.at(-1)).toBeLessThan(260);
    expect(sink.chunks.length).toBeGreaterThan(8);
    const whole = performance.now();
    await send(CHAT, undefined, '?tps=100&reply=a+b+c+d+e').over;
    expect(performance.now() - whole).toBeGreaterThanOrEqual(48);
  });

  it('cut_after: breaks off after so many tokens of a stream, in the middle of a whole body', async () => {
    const stream = await send({ ...CHAT, stream: true }, undefined, '?cut_after=3&reply=a+b+c+d+e').over;
    expect(stream.failure?.kind).toBe('interrupted');
    expect(stream.text.match(/"content":" ?\w"/g)).toHaveLength(3);
    expect(stream.text).not.toContain('[DONE]');
    const whole = await send(CHAT, undefined, '?cut_after=3').over;
    expect([whole.order, whole.failure?.kind]).toEqual(['head data fail', 'interrupted']);
    expect(whole.text).toHaveLength(Number(whole.headers['content-length']) >> 1);
    expect((await send(CHAT, undefined, '?cut_after=3&status=503').over).order).toBe('head data end');
    expect((await send({ ...CHAT, stream: true }, undefined, '?cut_after=99&reply=a+b').over).order).toBe('head data end');
  });

  it('hang: takes the call and says nothing', async () => {
    const sink = send(CHAT, undefined, '?hang=true');
    await sleep(50);
    expect(sink.told).toEqual([]);
  });

  it('takes a stop at the pace of tokens and goes on where it was', async () => {
    const sink = new RecordingSink(1);
    const exchange = transport.send(
      upstream('?tps=200&reply=a+b+c+d'),
      { path: '/chat/completions', headers: {}, body: Buffer.from(JSON.stringify({ ...CHAT, stream: true })) },
      sink,
    );
    await until(() => sink.chunks.length === 1);
    await sleep(60);
    expect(sink.chunks).toHaveLength(1);
    exchange.resume();
    await sink.over;
    expect(sink.text.match(/"content":" ?\w"/g)).toHaveLength(4);
  });
});
