import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, RateLimitError } from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import type { ResponseInputItem } from 'openai/resources/responses/responses';
import { z } from 'zod';
import { apiErrorOf } from '../doubles/api-error-of.js';
import { CALL, REFUSAL, TEXT, THOUGHT, TOKENS } from '../doubles/providers/scene.js';
import { EMBEDDING_WIRES, StagedGateway, WIRES } from '../doubles/staged-gateway.js';

const schema = z.object({ city: z.string(), days: z.number() });
const PARAMETERS = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city', 'days'] };
const said = (scene: string) => `Please play scene:${scene} now.`;
const asked = (scene: string) => [{ role: 'user' as const, content: said(scene) }];

let house: StagedGateway;
let client: OpenAI;
beforeAll(async () => {
  house = await StagedGateway.start();
  client = new OpenAI({ apiKey: 'dev-key', baseURL: `${house.gateway.url}/v1`, maxRetries: 0 });
});
afterAll(() => house.stop());

/** What the tool answers says what is to be played next: a second call, then the answer. */
function weather(seen: unknown[]): (given: unknown) => string {
  return (given) => {
    seen.push(given);
    return seen.length === 1 ? 'scene:tool' : 'scene:text';
  };
}

describe.each(WIRES)('chat completions with %s', (model) => {
  it.each([false, true])("the library's own loop goes two rounds with a tool, and then has the answer (stream: %s)", async (stream) => {
    const seen: unknown[] = [];
    const run = { function: weather(seen), parse: JSON.parse, name: CALL.name, description: 'The weather', parameters: PARAMETERS };
    const tools = [{ type: 'function' as const, function: run }];
    const messages = asked('both');
    const runner = stream
      ? client.chat.completions.runTools({ model, messages, tools, stream: true })
      : client.chat.completions.runTools({ model, messages, tools });
    expect(await runner.finalContent()).toBe(TEXT);
    expect(seen).toEqual([CALL.arguments, CALL.arguments]);
    expect(runner.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'tool', 'assistant']);
  });

  it('parses an object of the schema, whole and as a stream', async () => {
    const body = { model, messages: asked('form'), response_format: zodResponseFormat(schema, 'forecast') };
    expect((await client.chat.completions.parse(body)).choices[0]?.message.parsed).toEqual(CALL.arguments);
    const final = await client.chat.completions.stream(body).finalChatCompletion();
    expect(final.choices[0]?.message.parsed).toEqual(CALL.arguments);
  });

  it('closes the upstream when the call is aborted', async () => {
    const controller = new AbortController();
    const count = house.stage.count(model);
    const hanging = client.chat.completions.create({ model, messages: asked('hang') }, { signal: controller.signal });
    await house.arrival(model, count + 1);
    controller.abort();
    expect(await apiErrorOf(hanging)).toBeInstanceOf(APIUserAbortError);
    expect(await house.wasLeft(model)).toBe(true);
    for await (const chunk of await client.chat.completions.create({ model, messages: asked('pauses'), stream: true }))
      if ((chunk.choices[0]?.delta.content ?? '') !== '') break;
    expect(await house.wasLeft(model)).toBe(true);
  });
});

describe.each(WIRES)('Responses with %s', (model) => {
  const tools = [{ type: 'function' as const, name: CALL.name, description: 'The weather', parameters: PARAMETERS, strict: false }];

  it.each([false, true])('two rounds with a tool, and then the answer (stream: %s)', async (stream) => {
    const seen: unknown[] = [];
    const run = weather(seen);
    const input: ResponseInputItem[] = [{ role: 'user', content: said('both') }];
    for (let round = 0; round < 3; round++) {
      const body = { model, input, tools, store: false };
      const answer = stream ? await client.responses.stream(body).finalResponse() : await client.responses.create(body);
      input.push(...(answer.output as ResponseInputItem[]));
      for (const item of answer.output)
        if (item.type === 'function_call')
          input.push({ type: 'function_call_output', call_id: item.call_id, output: run(JSON.parse(item.arguments)) });
      if (round === 2) expect(answer).toMatchObject({ output_text: TEXT, usage: { input_tokens: TOKENS.input, output_tokens: TOKENS.output } });
    }
    expect(seen).toEqual([CALL.arguments, CALL.arguments]);
  });

  it('thoughts come back with the next question', async () => {
    const answer = await client.responses.stream({ model, input: said('thinks'), store: false }).finalResponse();
    const thoughts = answer.output.flatMap((item) => (item.type === 'reasoning' ? item.summary : []));
    expect(thoughts.map(({ text }) => text)).toEqual([THOUGHT]);
    const input = [...(answer.output as ResponseInputItem[]), { role: 'user' as const, content: said('text') }];
    expect((await client.responses.create({ model, input: [{ role: 'user', content: 'Hello' }, ...input], store: false })).output_text).toBe(TEXT);
  });

  it('parses an object of the schema, whole and as a stream', async () => {
    const body = { model, input: said('form'), text: { format: zodTextFormat(schema, 'forecast') } };
    expect((await client.responses.parse(body)).output_parsed).toEqual(CALL.arguments);
    expect((await client.responses.stream(body).finalResponse()).output_parsed).toEqual(CALL.arguments);
  });

  it('closes the upstream when the stream is aborted', async () => {
    const stream = await client.responses.create({ model, input: said('pauses'), stream: true });
    for await (const event of stream) if (event.type === 'response.output_text.delta') break;
    expect(await house.wasLeft(model)).toBe(true);
  });

  it('raises its own error for a stream that breaks off, after the words that came', async () => {
    let text = '';
    const reading = async (): Promise<void> => {
      for await (const event of await client.responses.create({ model, input: said('cut'), stream: true }))
        if (event.type === 'response.output_text.delta') text += event.delta;
    };
    expect((await apiErrorOf(reading())).code).toBe('upstream_stream_interrupted');
    expect(text !== '' && TEXT.startsWith(text)).toBe(true);
  });

  it("raises its own error for the provider's refusal", async () => {
    const error = await apiErrorOf(client.responses.create({ model, input: said('refused') }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error.message).toContain(REFUSAL);
  });
});

it("the library's own loop over Responses, which is strict about ids and kinds, has the answer of every wire", async () => {
  const program = ['test/doubles/run-responses-tools.mjs', `${house.gateway.url}/v1`, ...WIRES];
  const { stdout } = await promisify(execFile)(process.execPath, program, { timeout: 25_000 });
  const heard = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(heard).toEqual(WIRES.flatMap((model) => [false, true].map((stream) => ({ model, stream, seen: [CALL.arguments], text: TEXT }))));
}, 30_000);

it.each(EMBEDDING_WIRES)('embeddings with %s, in the base64 that the library asks for by itself and in numbers', async (model) => {
  const encoded = await client.embeddings.create({ model, input: ['one', 'two'] });
  expect(encoded.data.map(({ embedding }) => [...embedding])).toEqual([
    [0.5, 0.25],
    [1.5, 0.25],
  ]);
  expect(encoded.usage.total_tokens).toBeGreaterThan(0);
  const plain = await client.embeddings.create({ model, input: 'one', encoding_format: 'float' });
  expect(plain.data.map(({ embedding }) => embedding)).toEqual([[0.5, 0.25]]);
});

it('its own errors say what is wrong with a key, a parameter and a pace', async () => {
  const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${house.gateway.url}/v1`, maxRetries: 0 });
  expect(await apiErrorOf(stranger.responses.create({ model: 'mock', input: 'hi' }))).toBeInstanceOf(AuthenticationError);
  const refused = await apiErrorOf(client.chat.completions.create({ model: 'openai', messages: asked('refused') }));
  expect(refused).toBeInstanceOf(BadRequestError);
  expect(refused).toMatchObject({ param: 'temperature', code: 'out_of_range' });
  const hasty = new OpenAI({ apiKey: 'hasty-key', baseURL: `${house.gateway.url}/v1`, maxRetries: 0 });
  await hasty.chat.completions.create({ model: 'mock', messages: asked('text') });
  const limited = await apiErrorOf(hasty.chat.completions.create({ model: 'mock', messages: asked('text') }));
  expect(limited).toBeInstanceOf(RateLimitError);
  expect(limited).toMatchObject({ code: 'rate_limit_exceeded', type: 'rate_limit_error' });
});

it('nobody but the gateway was called', () => {
  expect([...house.contacts.hosts]).toEqual(['127.0.0.1']);
});
