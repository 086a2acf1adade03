import Anthropic, { APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from '@anthropic-ai/sdk';
import { ProviderStage } from '../doubles/provider-stage.js';
import { PLAYED_PROVIDERS } from '../doubles/providers/played-providers.js';
import { CALL, REFUSAL, SIGNATURE, TEXT, THOUGHT, TOKENS } from '../doubles/providers/scene.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

const PROVIDERS = ['openai', 'responses', 'anthropic', 'gemini'] as const;
const tools: Anthropic.Tool[] = [
  {
    name: 'weather',
    description: 'The weather — “now”',
    input_schema: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] },
  },
];
const ask = (scene: string): Anthropic.MessageParam[] => [{ role: 'user', content: `Please play scene:${scene} now.` }];

const stage = new ProviderStage(PLAYED_PROVIDERS);
let gateway: RunningGateway;
let client: Anthropic;

beforeAll(async () => {
  await stage.start();
  const environment = stage.environment();
  gateway = await runGateway({
    ...environment,
    GATEWAY_UPSTREAMS: `${environment['GATEWAY_UPSTREAMS']};dead=mock://local?status=500;narrow=mock://local?hang=true&max_concurrency=1;cut=mock://local?cut_after=3;claude-resting=litellm://anthropic/claude-sonnet-4-5`,
    GATEWAY_API_KEYS: 'dev-key,hasty-key',
    GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0},"hasty-key":{"rate_limit_per_minute":1}}',
    GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000',
    GATEWAY_REQUEST_TIMEOUT_SECONDS: '0.5',
    GATEWAY_SSE_PING_SECONDS: '0.1',
    GATEWAY_BODY_LIMIT_BYTES: '65536',
  });
  client = new Anthropic({ apiKey: 'dev-key', baseURL: gateway.url, maxRetries: 0 });
});

afterAll(async () => {
  await gateway.stop();
  await stage.stop();
});

/** As it goes over the wire, for what the library hides. */
async function post(body: object | string, headers: Readonly<Record<string, string>> = {}, path = '/v1/messages'): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': 'dev-key', 'anthropic-version': '2023-06-01', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify({ max_tokens: 100, ...body }),
  });
}

async function errorOf(call: PromiseLike<unknown>): Promise<APIError> {
  const thrown: unknown = await Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof APIError) return thrown;
  throw new Error(`no APIError: ${String(thrown)}`);
}

const sentTo = (provider: string): Record<string, unknown> => JSON.parse(stage.last(provider).body.toString()) as Record<string, unknown>;

describe('the official Anthropic library', () => {
  describe('talking to the mock', () => {
    it('is answered', async () => {
      const answer = await client.messages.create({ model: 'mock', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] });
      expect(answer).toMatchObject({
        id: expect.stringMatching(/^msg_/),
        type: 'message',
        role: 'assistant',
        model: 'mock',
        stop_reason: 'end_turn',
      });
      expect(answer.content).toEqual([expect.objectContaining({ type: 'text', text: expect.stringContaining('You said "hello" (1 word).') })]);
      expect(answer.usage.input_tokens).toBeGreaterThan(0);
      expect(answer.usage.output_tokens).toBeGreaterThan(0);
    });

    it('is told the same as a stream, in the order that the wire has', async () => {
      const types: string[] = [];
      const stream = client.messages.stream({ model: 'mock', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] });
      for await (const { type } of stream) if (types.at(-1) !== type) types.push(type);
      expect(types).toEqual(['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
      expect(await stream.finalText()).toContain('You said "hello" (1 word).');
    });

    it('gets the call of the tool that it demands', async () => {
      const { content, stop_reason } = await client.messages.create({
        model: 'mock',
        max_tokens: 100,
        tools,
        tool_choice: { type: 'tool', name: 'weather' },
        messages: [{ role: 'user', content: 'hello' }],
      });
      expect(stop_reason).toBe('tool_use');
      expect(content).toEqual([
        expect.objectContaining({ type: 'tool_use', name: 'weather', input: expect.objectContaining({ city: expect.any(String) }) }),
      ]);
    });
  });

  describe.each(PROVIDERS)('talking to %s', (model) => {
    it('has a tool called, hands in the result, and is answered', async () => {
      const first = await client.messages.stream({ model, max_tokens: 1_000, tools, messages: ask('tool') }).finalMessage();
      const [call] = first.content.filter((block) => block.type === 'tool_use');
      expect(call).toMatchObject({ name: CALL.name, input: CALL.arguments });
      const result: Anthropic.ToolResultBlockParam = { type: 'tool_result', tool_use_id: call?.id ?? '', content: '21 °C, scene:text' };
      const second = await client.messages.create({
        model,
        max_tokens: 1_000,
        tools,
        messages: [...ask('tool'), { role: 'assistant', content: first.content }, { role: 'user', content: [result] }],
      });
      expect(second).toMatchObject({ stop_reason: 'end_turn', model, usage: { input_tokens: TOKENS.input, output_tokens: TOKENS.output } });
      const sent = stage.last(model).body.toString();
      expect(sent).toContain('21 °C');
      expect(sent).toContain('Köln');
      // The name of a result's call is what Gemini knows it by; all others know its id.
      if (model !== 'gemini') expect(sent.split(CALL.id).length).toBeGreaterThanOrEqual(3);
    });

    it('thinks, and goes on with its thoughts in the next turn', async () => {
      const thinking = { type: 'enabled', budget_tokens: 1_024 } as const;
      const first = await client.messages.stream({ model, max_tokens: 2_048, thinking, messages: ask('thinks') }).finalMessage();
      expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
      expect(first.content[0]).toMatchObject({ thinking: THOUGHT, ...(model === 'anthropic' && { signature: SIGNATURE }) });
      const next: Anthropic.MessageParam[] = [...ask('thinks'), { role: 'assistant', content: first.content }, ...ask('text')];
      const second = await client.messages.create({ model, max_tokens: 2_048, thinking, messages: next });
      expect(second.content).toMatchObject([{ type: 'text', text: TEXT }]);
      if (model === 'anthropic') expect(sentTo(model)['messages']).toEqual(next);
    });

    it('says the blocks of its system prompt in their order', async () => {
      const system: Anthropic.TextBlockParam[] = [
        { type: 'text', text: 'You are first.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'You are second.' },
      ];
      await client.messages.create({ model, max_tokens: 100, system, messages: ask('text') });
      const sent = stage.last(model).body.toString();
      expect(sent.indexOf('You are first.')).toBeGreaterThan(-1);
      expect(sent.indexOf('You are second.')).toBeGreaterThan(sent.indexOf('You are first.'));
      if (model === 'anthropic') expect(sentTo(model)['system']).toEqual(system);
    });

    it('shows the provider a picture', async () => {
      const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
      const content: Anthropic.ContentBlockParam[] = [
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
        { type: 'text', text: 'What is this? scene:text' },
      ];
      await client.messages.create({ model, max_tokens: 100, messages: [{ role: 'user', content }] });
      expect(stage.last(model).body.toString()).toContain(data);
    });

    it("never sends the client's key to the provider", () => {
      expect(JSON.stringify(stage.calls.map(({ headers }) => headers))).not.toContain('dev-key');
    });
  });

  it('counts tokens where the provider can, is given an estimate elsewhere, and is charged for neither', async () => {
    const hasty = new Anthropic({ apiKey: 'hasty-key', baseURL: gateway.url, maxRetries: 0 });
    const counts: number[] = [];
    for (const model of [...PROVIDERS, 'mock'])
      counts.push((await hasty.messages.countTokens({ model, tools, messages: [{ role: 'user', content: 'x'.repeat(4_000) }] })).input_tokens);
    expect(counts[PROVIDERS.indexOf('anthropic')]).toBe(1234);
    expect(stage.last('anthropic').path).toBe('/v1/messages/count_tokens');
    for (const count of counts) expect(count).toBeGreaterThan(400);
    expect(await errorOf(client.messages.countTokens({ model: 'nobody', messages: ask('text') }))).toBeInstanceOf(NotFoundError);
  });

  it.each(PROVIDERS.filter((model) => model !== 'anthropic'))(
    'estimates for %s what is sent there, tools that Anthropic defines too',
    async (model) => {
      const messages = ask('text');
      const count = async (body: object): Promise<number> => (await client.messages.countTokens({ model, messages, ...body })).input_tokens;
      const plain = await count({});
      expect(await count({ tools: [{ type: 'bash_20250124', name: 'bash' }] })).toBeGreaterThan(plain + 400);
      expect(await count({ system: 'x'.repeat(3_500) })).toBe(plain + 1_000);
      const error = await errorOf(client.messages.countTokens({ model, messages: [] }));
      expect(error).toBeInstanceOf(BadRequestError);
      expect(error.error).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    },
  );

  describe("raises the error of its class, in Anthropic's words", () => {
    const create = (model: string, scene = 'text', by = client): PromiseLike<unknown> =>
      by.messages.create({ model, max_tokens: 100, messages: ask(scene) });
    const stranger = (): Anthropic => new Anthropic({ apiKey: 'wrong', baseURL: gateway.url, maxRetries: 0 });
    const hasty = (): Anthropic => new Anthropic({ apiKey: 'hasty-key', baseURL: gateway.url, maxRetries: 0 });

    it.each<[string, () => PromiseLike<unknown>, new (...given: never[]) => APIError, number, string]>([
      ['a wrong key', () => create('mock', 'text', stranger()), AuthenticationError, 401, 'authentication_error'],
      ['a model that is not there', () => create('nobody'), NotFoundError, 404, 'not_found_error'],
      ['no limit', () => client.messages.create({ model: 'mock', messages: ask('text') } as never), BadRequestError, 400, 'invalid_request_error'],
      ['a provider of another wire that refuses', () => create('openai', 'refused'), BadRequestError, 400, 'invalid_request_error'],
      ['a provider that refuses', () => create('anthropic', 'refused'), BadRequestError, 400, 'invalid_request_error'],
      ['a body that is too large', () => create('mock', 'x'.repeat(70_000)), APIError, 413, 'request_too_large'],
      ["our key's refusal", () => create('gemini', 'denied'), InternalServerError, 502, 'api_error'],
      ['an upstream that is down', () => create('dead'), InternalServerError, 502, 'api_error'],
      ['an upstream that says nothing', () => create('openai', 'hang'), InternalServerError, 504, 'timeout_error'],
    ])('%s', async (_case, call, kind, status, type) => {
      const error = await errorOf(call());
      expect(error).toBeInstanceOf(kind);
      expect({ status: error.status, type: error.type, error: error.error }).toEqual({
        status,
        type,
        error: {
          type: 'error',
          error: { type, message: expect.any(String) },
          ...(error.message.includes('req_played') && { request_id: 'req_played' }),
        },
      });
      expect(error.headers?.get('content-type')).toBe('application/json');
      expect(error.headers?.get('x-request-id')).toMatch(/^req_/);
      expect(error.requestID).toBe(error.headers?.get('x-request-id'));
    });

    it('a limit: and when to come back', async () => {
      await create('mock', 'text', hasty());
      const error = await errorOf(create('mock', 'text', hasty()));
      expect(error).toBeInstanceOf(RateLimitError);
      expect(error.type).toBe('rate_limit_error');
      expect(Number(error.headers?.get('retry-after'))).toBeGreaterThan(50);
    });

    it('an upstream with more to do than it may', async () => {
      const first = errorOf(create('narrow'));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const error = await errorOf(create('narrow'));
      expect(error).toMatchObject({ status: 503, type: 'overloaded_error' });
      expect(Number(error.headers?.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(await first).toMatchObject({ status: 504, type: 'timeout_error' });
      expect((await first).headers?.get('x-should-retry')).toBe('false');
    });

    it.each(PROVIDERS)('a stream of %s that breaks off', async (model) => {
      let text = '';
      const stream = client.messages.stream({ model, max_tokens: 100, messages: ask('cut') }).on('text', (delta) => (text += delta));
      expect(await errorOf(stream.finalMessage())).toMatchObject({ status: undefined, type: 'api_error' });
      expect(text).not.toBe('');
    });
  });
});

describe("between a client and a provider that both speak Anthropic's wire", () => {
  it('every byte of a request goes on but for the model, with all of its anthropic headers', async () => {
    const body =
      '{ "model":"anthropic",  "max_tokens":100,"messages":[{"role":"user","content":"scene:text \\u00fc"}],"unknown_field":{"big":12345678901234567890}}';
    const headers = { 'anthropic-beta': 'one-2026-01-01,two-2026-02-02', 'anthropic-version': '2026-10-21', 'anthropic-new-header': 'kept' };
    await post(body, headers, '/v1/messages?beta=true');
    const sent = stage.last('anthropic');
    expect(sent.body.toString()).toBe(body.replace('"anthropic"', '"claude-sonnet-4-5"'));
    expect(sent.headers).toMatchObject({ ...headers, 'x-api-key': 'sk-ant-played' });
  });

  it('every byte of an answer and of a stream comes back but for the model', async () => {
    const provider = PLAYED_PROVIDERS.anthropic;
    const named = (text: string): string => text.replace('"claude-sonnet-4-5-20250929"', '"anthropic"');
    expect(await (await post({ model: 'anthropic', messages: ask('thinks') })).text()).toBe(named(JSON.stringify(provider.answer('thinks'))));
    const streamed = await post({ model: 'anthropic', messages: ask('tool'), stream: true });
    expect(await streamed.text()).toBe(named(provider.stream('tool').join('')));
  });

  it.each([
    ['refused', 400],
    ['down', 503],
    ['busy', 429],
  ])('a provider that is %s is heard with its own bytes', async (scene, status) => {
    const model = scene === 'busy' ? 'claude-resting' : 'anthropic';
    const answer = await post({ model, messages: ask(scene) });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toBe(JSON.stringify(PLAYED_PROVIDERS.anthropic.refusal(status)));
    expect(answer.headers.get('retry-after')).toBe(status === 429 ? '7' : null);
  });
});

describe('on the wire', () => {
  it.each([
    ['x-api-key', { 'x-api-key': 'dev-key' }],
    ['a bearer', { authorization: 'Bearer dev-key' }],
    ['both, alike', { authorization: 'Bearer dev-key', 'x-api-key': 'dev-key' }],
  ])('a key may come as %s', async (_how, headers) => {
    const answer = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      body: JSON.stringify({ model: 'mock', max_tokens: 5, messages: ask('text') }),
    });
    expect(answer.status).toBe(200);
  });

  it('both versions of the API are spoken: the newer one knows no sampling parameters', async () => {
    const body = { model: 'openai', temperature: 0.5, messages: ask('text') };
    expect((await post(body)).status).toBe(200);
    expect(sentTo('openai')).toMatchObject({ temperature: 0.5 });
    const refused = await post(body, { 'anthropic-version': '2026-10-21' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('temperature') },
    });
  });

  it.each(PROVIDERS)('every event of a stream of %s has its name', async (model) => {
    const events = (await (await post({ model, messages: ask('tool'), stream: true })).text()).trimEnd().split('\n\n');
    expect(events.length).toBeGreaterThan(5);
    for (const event of events) {
      const [, name, data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
      expect((JSON.parse(data) as { type: string }).type).toBe(name);
    }
    expect(events.at(-1)).toMatch(/^event: message_stop\n/);
  });

  it('who waits is told so by pings of this wire, and at last that it was in vain', async () => {
    const answer = await post({ model: 'openai', messages: ask('hang'), stream: true });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const events = (await answer.text()).trimEnd().split('\n\n');
    const last = events.pop() ?? '';
    expect(events.length).toBeGreaterThanOrEqual(2);
    expect(new Set(events)).toEqual(new Set(['event: ping\ndata: {"type":"ping"}']));
    expect(JSON.parse(last.replace(/^event: error\ndata: /, ''))).toEqual({
      type: 'error',
      error: { type: 'timeout_error', message: expect.stringContaining('GATEWAY_REQUEST_TIMEOUT_SECONDS') },
    });
  });

  it.each([...PROVIDERS, 'cut'])('a stream of %s that breaks off ends with `event: error`', async (model) => {
    const text = await (await post({ model, messages: ask('cut'), stream: true })).text();
    const last = text.trimEnd().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.replace(/^event: error\ndata: /, ''))).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(text).not.toContain('message_stop');
    expect(text).not.toContain(REFUSAL);
  });

  it.each([
    ['no JSON', '{"model":', {}, 400, 'invalid_request_error'],
    ['no model', '{"messages":[]}', {}, 400, 'invalid_request_error'],
    ['another kind of body', '{}', { 'content-type': 'text/plain' }, 415, 'invalid_request_error'],
    ['a stranger', '{}', { 'x-api-key': 'nobody' }, 401, 'authentication_error'],
  ])('%s is refused in this shape', async (_case, body, headers, status, type) => {
    const answer = await post(body, headers);
    expect([answer.status, await answer.json()]).toEqual([status, { type: 'error', error: { type, message: expect.any(String) } }]);
  });
});

describe('the probes of Claude Code', () => {
  const headers = { authorization: 'Bearer dev-key', 'anthropic-version': '2023-06-01' };

  it('are answered where it says /v1/messages?beta=true', async () => {
    const answer = await post({ model: 'mock', messages: ask('text') }, {}, '/v1/messages?beta=true');
    expect(await answer.json()).toMatchObject({ type: 'message', model: 'mock' });
    const asked = await fetch(`${gateway.url}/v1/messages?beta=true`, { headers });
    expect([asked.status, asked.headers.get('allow'), await asked.json()]).toEqual([
      405,
      'POST',
      { type: 'error', error: { type: 'invalid_request_error', message: expect.any(String) } },
    ]);
  });

  it('find the models with the names that it shows', async () => {
    const from = performance.now();
    const answer = await fetch(`${gateway.url}/v1/models?limit=1000`, { headers, redirect: 'error' });
    expect(performance.now() - from).toBeLessThan(3_000);
    const { data } = (await answer.json()) as { data: unknown[] };
    expect(data).toContainEqual({
      id: 'claude-resting',
      display_name: 'claude-resting',
      object: 'model',
      type: 'model',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      created: expect.any(Number),
      owned_by: 'nexus-gateway',
    });
    expect((await Array.fromAsync(client.models.list({ limit: 1_000 }))).map(({ display_name }) => display_name)).toContain('anthropic');
  });

  it('hear from HEAD requests whether anybody is there', async () => {
    expect((await fetch(`${gateway.url}/v1/models`, { method: 'HEAD', headers })).status).toBe(200);
    const hello = await fetch(`${gateway.url}/api/hello`, { method: 'HEAD' });
    expect([hello.status, await hello.text()]).toEqual([404, '']);
  });
});
