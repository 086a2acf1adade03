import OpenAI, { AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError, UnprocessableEntityError } from 'openai';
import type { ChatCompletionTool } from 'openai/resources/chat/completions';
import { apiErrorOf } from '../doubles/api-error-of.js';
import { OpenAiServer } from '../doubles/openai-server-process.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

const messages = [{ role: 'user' as const, content: 'Hello' }];
const tools: ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'weather',
      description: 'Wetter — “now”',
      strict: true,
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  },
];

describe('the official OpenAI library', () => {
  let server: OpenAiServer;
  let gateway: RunningGateway;
  let client: OpenAI;

  beforeAll(async () => {
    server = await OpenAiServer.start();
    const models = ['hang', 'slow', 'cut', 'fails', ...[400, 401, 404, 422, 500, 503].map((status) => `status-${status}`)];
    gateway = await runGateway({
      GATEWAY_UPSTREAMS: [
        'mock=mock://local',
        `real=${server.upstream('inner/model-7b')}`,
        ...models.map((name) => `${name}=${server.upstream(name)}`),
      ].join(';'),
      GATEWAY_ROUTE_POLICIES: JSON.stringify({ 'org/chat-8b': { strategy: 'weighted', targets: [{ name: 'real', weight: 1 }] } }),
      GATEWAY_API_KEYS: 'dev-key,hasty-key',
      GATEWAY_API_KEY_POLICIES: JSON.stringify({ 'dev-key': { rate_limit_per_minute: 0 }, 'hasty-key': { rate_limit_per_minute: 60 } }),
      GATEWAY_REQUEST_TIMEOUT_SECONDS: '0.5',
      GATEWAY_BODY_LIMIT_BYTES: '65536',
      GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '100',
    });
    client = new OpenAI({ apiKey: 'dev-key', baseURL: `${gateway.url}/v1` });
  });

  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  const linesOf = (model: string): readonly unknown[] => gateway.lines.filter((line) => line['msg'] === 'request' && line['model'] === model);

  describe.each(['mock', 'real', 'org/chat-8b'])('talking to %s', (model) => {
    it('completes a chat, and calls the model by the name it was asked for', async () => {
      const answer = await client.chat.completions.create({ model, messages });
      expect(answer).toMatchObject({ object: 'chat.completion', model, choices: [{ finish_reason: 'stop', message: { role: 'assistant' } }] });
      expect(answer.choices[0]?.message.content).toMatch(/\w/);
      expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0));
      expect(answer._request_id).toMatch(/^req_/);
    });

    it('streams a chat without a usage chunk that nobody asked for', async () => {
      let text = '';
      for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
        expect(chunk.model).toBe(model);
        expect(chunk.choices).toHaveLength(1);
        expect(chunk.usage ?? undefined).toBeUndefined();
        text += chunk.choices[0]?.delta.content ?? '';
      }
      expect(text).toMatch(/\w/);
    });

    it('streams a chat with the usage that was asked for, last', async () => {
      const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } });
      const usages = (await Array.fromAsync(stream)).map(({ usage, choices }) => ({ usage: usage ?? undefined, choices: choices.length }));
      expect(usages.at(-1)).toMatchObject({ choices: 0, usage: { total_tokens: expect.any(Number) } });
      expect(usages.slice(0, -1).every(({ usage }) => usage === undefined)).toBe(true);
    });

    it('completes and streams legacy completions', async () => {
      const answer = await client.completions.create({ model, prompt: 'Once' });
      expect(answer).toMatchObject({ object: 'text_completion', model });
      const parts = await Array.fromAsync(await client.completions.create({ model, prompt: 'Once', stream: true }));
      expect(parts.map(({ choices }) => choices[0]?.text ?? '').join('')).toMatch(/\w/);
    });

    it('embeds, in the base64 that the library asks for by itself and in floats', async () => {
      const encoded = await client.embeddings.create({ model, input: ['one', 'two'] });
      const floats = await client.embeddings.create({ model, input: ['one', 'two'], encoding_format: 'float' });
      expect(encoded.model).toBe(model);
      expect(encoded.data.map(({ index }) => index)).toEqual([0, 1]);
      expect(encoded.data[1]?.embedding.every(Number.isFinite)).toBe(true);
      expect(encoded.data.map(({ embedding }) => [...new Float32Array(embedding)])).toEqual(
        floats.data.map(({ embedding }) => [...new Float32Array(embedding)]),
      );
    });

    it('finds the model in the list and by its name', async () => {
      expect((await Array.fromAsync(client.models.list())).map(({ id }) => id)).toContain(model);
      expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: 'model' });
    });
  });

  it('hands tools over untouched, and gets the calls back, whole and in parts', async () => {
    const before = (await server.seen('inner/model-7b')).length;
    const answer = await client.chat.completions.create({ model: 'real', messages, tools, tool_choice: 'required', parallel_tool_calls: false });
    const call = answer.choices[0]?.message.tool_calls?.[0];
    expect(call).toMatchObject({ id: 'call_1', function: { name: 'weather', arguments: '{"city":"K\\u00f6ln","big":9007199254740993}' } });
    const final = await client.chat.completions.stream({ model: 'real', messages, tools: tools.slice() }).finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ id: 'call_1', function: { name: 'weather' } });
    const [first] = (await server.seen('inner/model-7b')).slice(before);
    expect(first?.text).toContain(`"tools":${JSON.stringify(tools)},"tool_choice":"required","parallel_tool_calls":false`);
    expect(first?.headers['authorization']).toBeUndefined();
  });

  it('asks the upstream for usage where the client did not', async () => {
    await Array.fromAsync(await client.chat.completions.create({ model: 'real', messages, stream: true }));
    expect(JSON.parse((await server.seen('inner/model-7b')).at(-1)?.text ?? '')).toMatchObject({ stream_options: { include_usage: true } });
  });

  it.each([
    ['a field is missing', 'mock', BadRequestError, { status: 400, param: 'messages', code: 'missing_required_parameter' }],
    ['the provider refuses a value', 'status-400', BadRequestError, { status: 400, param: 'temperature', code: 'bad_temperature' }],
    ['the provider knows it not', 'status-404', NotFoundError, { status: 404, param: 'temperature' }],
    ['the provider cannot process it', 'status-422', UnprocessableEntityError, { status: 422, param: 'temperature' }],
    ['there is no such model', 'nobody', NotFoundError, { status: 404, code: 'model_not_found' }],
  ])('raises its own error when %s', async (_when, model, kind, facts) => {
    const before = gateway.lines.length;
    const error = await apiErrorOf(client.chat.completions.create({ model } as never));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ ...facts, type: 'invalid_request_error', requestID: expect.stringMatching(/^req_/) });
    expect(gateway.lines).toHaveLength(before + 1);
  });

  it('raises AuthenticationError for a wrong key, and never for ours', async () => {
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${gateway.url}/v1` });
    expect(await apiErrorOf(stranger.chat.completions.create({ model: 'mock', messages }))).toBeInstanceOf(AuthenticationError);
    const error = await apiErrorOf(client.chat.completions.create({ model: 'status-401', messages }));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ status: 502, code: 'upstream_auth_failed' });
  });

  it('is told of bodies that are too large or no JSON', async () => {
    expect(
      await apiErrorOf(client.chat.completions.create({ model: 'mock', messages: [{ role: 'user', content: 'x'.repeat(70_000) }] })),
    ).toMatchObject({
      status: 413,
      code: 'request_too_large',
    });
    const odd = client.chat.completions.create({ model: 'mock', messages }, { headers: { 'content-type': 'text/plain' } });
    expect(await apiErrorOf(odd)).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });

  it('waits as long as it is told when it asks too much, and then succeeds', async () => {
    const patient = new OpenAI({ apiKey: 'hasty-key', baseURL: `${gateway.url}/v1`, maxRetries: 1 });
    const calls = await Promise.all(
      Array.from({ length: 60 }, () => patient.chat.completions.create({ model: 'mock', messages }, { maxRetries: 0 })),
    );
    expect(calls).toHaveLength(60);
    expect(await apiErrorOf(patient.chat.completions.create({ model: 'mock', messages }, { maxRetries: 0 }))).toBeInstanceOf(RateLimitError);
    const from = performance.now();
    expect((await patient.chat.completions.create({ model: 'mock', messages })).object).toBe('chat.completion');
    expect(performance.now() - from).toBeGreaterThanOrEqual(900);
  });

  it.each([
    ['status-500', 502, 'upstream_invalid_response', 2],
    ['status-503', 502, 'upstream_invalid_response', 2],
    ['hang', 504, 'upstream_timeout', 1],
  ])('does not repeat what the gateway has tried in vain: %s', async (model, status, code, attempts) => {
    const error = await apiErrorOf(client.chat.completions.create({ model, messages }));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ status, code });
    expect(error.headers?.get('x-should-retry')).toBe('false');
    expect(linesOf(model)).toHaveLength(1);
    expect((await server.seen(model)).length).toBeLessThanOrEqual(attempts);
  });

  it.each(['cut', 'fails'])('raises an APIError in the midst of a stream that %s, after the words that came', async (model) => {
    let text = '';
    const read = async (): Promise<void> => {
      for await (const chunk of await client.chat.completions.create({ model, messages, stream: true }))
        text += chunk.choices[0]?.delta.content ?? '';
    };
    expect(await apiErrorOf(read())).toMatchObject({ code: 'upstream_stream_interrupted' });
    expect(text).toBe('Good day.');
    expect(await server.seen(model)).toHaveLength(1);
  });

  it('closes the upstream when its stream is aborted', async () => {
    const stream = await client.chat.completions.create({ model: 'slow', messages, stream: true });
    for await (const _chunk of stream) break;
    stream.controller.abort();
    const from = performance.now();
    while ((await server.seen('slow'))[0]?.ended === 'running' && performance.now() - from < 2_000);
    expect((await server.seen('slow'))[0]?.ended).toBe('closed by peer');
    expect(performance.now() - from).toBeLessThan(500);
  });
});
