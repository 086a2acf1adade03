import OpenAI, { APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError } from 'openai';
import type { FunctionTool, ResponseInput, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { apiErrorOf } from '../doubles/api-error-of.js';
import { ProviderStage } from '../doubles/provider-stage.js';
import { PLAYED_PROVIDERS } from '../doubles/providers/played-providers.js';
import { CALL, SIGNATURE, TEXT, THOUGHT, TOKENS } from '../doubles/providers/scene.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

const PROVIDERS = ['openai', 'responses', 'anthropic', 'gemini'] as const;
const weather: FunctionTool = {
  type: 'function',
  name: 'weather',
  description: 'The weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] },
};
const ask = (scene: string): string => `Please play scene:${scene} now.`;

const stage = new ProviderStage(PLAYED_PROVIDERS);
let gateway: RunningGateway;
let client: OpenAI;

beforeAll(async () => {
  await stage.start();
  const environment = stage.environment();
  gateway = await runGateway({
    ...environment,
    GATEWAY_UPSTREAMS: `${environment['GATEWAY_UPSTREAMS']};both=litellm://openai/inner-both;cut=mock://local?cut_after=3`,
    GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
    GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000',
    GATEWAY_REQUEST_TIMEOUT_SECONDS: '0.5',
    GATEWAY_SSE_PING_SECONDS: '0.1',
  });
  client = new OpenAI({ apiKey: 'dev-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
});

afterAll(async () => {
  await gateway.stop();
  await stage.stop();
});

async function eventsOf(model: string, scene: string, more: object = {}): Promise<ResponseStreamEvent[]> {
  return Array.fromAsync(await client.responses.create({ model, input: ask(scene), stream: true, ...more }));
}

async function post(body: object | string): Promise<string> {
  const answer = await fetch(`${gateway.url}/v1/responses`, {
    method: 'POST',
    headers: { authorization: 'Bearer dev-key', 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return answer.text();
}

const sentTo = (provider: string): Record<string, unknown> => JSON.parse(stage.last(provider).body.toString()) as Record<string, unknown>;
/** Each kind once, where it comes several times in a row. */
const order = (events: readonly ResponseStreamEvent[]): string[] => events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);

describe("the official OpenAI library's Responses", () => {
  it('are answered by the mock, whole and streamed', async () => {
    const whole = await client.responses.create({ model: 'mock', input: 'hello' });
    expect(whole).toMatchObject({ id: expect.stringMatching(/^resp_/), object: 'response', status: 'completed', model: 'mock', error: null });
    expect(whole.output_text).toContain('You said "hello" (1 word).');
    const final = await client.responses.stream({ model: 'mock', input: 'hello' }).finalResponse();
    expect(final.output_text).toBe(whole.output_text);
    expect(final.usage?.total_tokens).toBe(whole.usage?.total_tokens);
  });

  it('get the call of the tool that they demand from the mock', async () => {
    const { output } = await client.responses.create({ model: 'mock', input: 'hello', tools: [weather], tool_choice: 'required' });
    expect(output).toMatchObject([{ type: 'function_call', name: 'weather', call_id: expect.any(String) }]);
  });

  describe.each([...PROVIDERS, 'mock'])('talking to %s', (model) => {
    it('tell a text in the order that the wire has', async () => {
      const events = await eventsOf(model, 'text');
      expect(order(events)).toEqual([
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
        'response.output_text.delta',
        'response.output_text.done',
        'response.content_part.done',
        'response.output_item.done',
        'response.completed',
      ]);
      expect(events.map(({ sequence_number }) => sequence_number)).toEqual([...events.keys()]);
      const last = events.at(-1);
      if (last?.type !== 'response.completed') throw new Error('the order was wrong');
      const text = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
      expect(last.response).toMatchObject({ model, status: 'completed', output: [{ type: 'message', content: [{ type: 'output_text', text }] }] });
      if (model !== 'mock') expect([text, last.response.usage]).toMatchObject([TEXT, { input_tokens: TOKENS.input, output_tokens: TOKENS.output }]);
    });
  });

  describe.each(PROVIDERS)('talking to %s', (model) => {
    it('tell a call of a tool in the order that the wire has', async () => {
      const events = await eventsOf(model, 'tool', { tools: [weather] });
      // Gemini signs its calls: the signature is an item of reasoning before them.
      const told = events.filter((event) => !('item' in event && event.item.type === 'reasoning'));
      expect(order(told)).toEqual([
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.function_call_arguments.delta',
        'response.function_call_arguments.done',
        'response.output_item.done',
        'response.completed',
      ]);
      const [item] = told.flatMap((event) => (event.type === 'response.output_item.done' ? [event.item] : []));
      expect(item).toMatchObject({ type: 'function_call', name: CALL.name });
      expect(JSON.parse((item as { arguments: string }).arguments)).toEqual(CALL.arguments);
    });

    it('have a tool called, hand in the result with the whole transcript, and are answered', async () => {
      const first = await client.responses.stream({ model, input: ask('tool'), tools: [weather], store: false }).finalResponse();
      const [call] = first.output.filter((item) => item.type === 'function_call');
      const input: ResponseInput = [
        { role: 'user', content: ask('tool') },
        ...(first.output as ResponseInput),
        { type: 'function_call_output', call_id: call?.call_id ?? '', output: '21 °C, scene:text' },
      ];
      const second = await client.responses.create({ model, input, tools: [weather], store: false });
      expect(second).toMatchObject({ output_text: TEXT, status: 'completed', model });
      expect(stage.last(model).body.toString()).toContain('21 °C');
      expect(stage.last(model).body.toString()).toContain('Köln');
    });

    it('think, and hand their thoughts back encrypted', async () => {
      const body = {
        model,
        input: ask('thinks'),
        reasoning: { effort: 'low' as const, summary: 'auto' as const },
        include: ['reasoning.encrypted_content' as const],
      };
      const first = await client.responses.stream({ ...body, store: false }).finalResponse();
      expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
      expect(first.output[0]).toMatchObject({ summary: [{ type: 'summary_text', text: THOUGHT }] });
      const input: ResponseInput = [
        { role: 'user', content: ask('thinks') },
        ...(first.output as ResponseInput),
        { role: 'user', content: ask('text') },
      ];
      expect((await client.responses.create({ ...body, input, store: false })).output_text).toBe(TEXT);
      if (model === 'anthropic') expect(stage.last(model).body.toString()).toContain(SIGNATURE);
    });

    it('end as incomplete where the answer grew too long', async () => {
      const last = (await eventsOf(model, 'length')).at(-1);
      expect(last).toMatchObject({ type: 'response.incomplete', response: { incomplete_details: { reason: 'max_output_tokens' } } });
    });

    it('end with error and response.failed where the stream breaks off, after the words that came', async () => {
      const text = await post({ model, input: ask('cut'), stream: true });
      const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as ResponseStreamEvent);
      expect(events.some(({ type }) => type === 'response.output_text.delta')).toBe(true);
      expect(events.map(({ sequence_number }) => sequence_number)).toEqual([...events.keys()]);
      const words = { code: 'upstream_stream_interrupted', message: expect.any(String) as string, param: null };
      expect(events.at(-2)).toMatchObject({ type: 'error', ...words, error: { type: 'server_error', ...words } });
      expect(events.at(-1)).toMatchObject({
        type: 'response.failed',
        response: { status: 'failed', model, error: { code: 'upstream_stream_interrupted', message: expect.any(String) } },
      });
      const error = await apiErrorOf(client.responses.stream({ model, input: ask('cut') }).finalResponse());
      expect(error.code).toBe('upstream_stream_interrupted');
    });

    it('end with error and response.failed where nothing came, and the wait had begun as a stream', async () => {
      const text = await post({ model, input: ask('hang'), stream: true });
      expect(text).toMatch(/^: ping\n\n/);
      expect(text).toMatch(/\nevent: error\ndata: .*\n\nevent: response.failed\ndata: .*\n\n$/);
      const error = await apiErrorOf(client.responses.stream({ model, input: ask('hang') }).finalResponse());
      expect(error.code).toBe('upstream_timeout');
    });

    it.each(['down', 'denied'])('raise an error where the provider is %s', async (scene) => {
      const error = await apiErrorOf(client.responses.create({ model, input: ask(scene) }));
      expect(error).toBeInstanceOf(InternalServerError);
      expect(error.status).toBe(502);
    });
  });

  it('raise the error of its class', async () => {
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    expect(await apiErrorOf(stranger.responses.create({ model: 'mock', input: 'hello' }))).toBeInstanceOf(AuthenticationError);
    expect(await apiErrorOf(client.responses.create({ model: 'nobody', input: 'hello' }))).toBeInstanceOf(NotFoundError);
    const refused = await apiErrorOf(client.responses.create({ model: 'anthropic', input: ask('refused') }));
    expect(refused).toBeInstanceOf(BadRequestError);
  });
});

describe('an agent like Codex', () => {
  const tools = [
    { ...weather, name: 'shell' },
    { type: 'web_search', external_web_access: false },
    { type: 'custom', name: 'apply_patch', description: 'Patches files', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
  ];
  const request = (model: string): object => ({
    model,
    instructions: 'You are a coding agent.',
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'The sandbox is read-only.' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'What is here?' }] },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Look.' }], encrypted_content: 'gAAAAAB-foreign', content: null },
      { type: 'function_call', name: 'shell', arguments: '{"city":"ls"}', call_id: 'call_1' },
      { type: 'function_call_output', call_id: 'call_1', output: 'README.md' },
      { type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin Patch', call_id: 'call_2', status: 'completed' },
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'Done!' },
      { type: 'compaction', encrypted_content: 'gAAAAAB-compact' },
      { type: 'kind_that_is_yet_to_come', id: 'x' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: ask('text') }] },
    ],
    tools,
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'thread-1',
    text: { verbosity: 'low' },
    client_metadata: { origin: 'cli' },
  });

  it.each(['openai', 'anthropic', 'mock'])('is served by %s: what only the provider of its wire can do is left out', async (model) => {
    const events = (await post(request(model))).trimEnd().split('\n\n');
    const [, data = ''] = /^event: response.completed\ndata: (.*)$/.exec(events.at(-1) ?? '') ?? [];
    expect(JSON.parse(data)).toMatchObject({ response: { id: expect.stringMatching(/^resp_/), usage: { total_tokens: expect.any(Number) } } });
    if (model === 'mock') return;
    const sent = stage.last(model).body.toString();
    for (const kept of ['You are a coding agent.', 'The sandbox is read-only.', 'README.md', '*** Begin Patch', 'Done!', 'shell', 'apply_patch'])
      expect(sent).toContain(kept);
    for (const left of ['web_search', 'gAAAAAB', 'kind_that_is_yet_to_come', 'client_metadata']) expect(sent).not.toContain(left);
  });

  it('is heard by gemini too, where several tools may be called at once', async () => {
    const events = (await post({ ...request('gemini'), parallel_tool_calls: true })).trimEnd().split('\n\n');
    expect(events.at(-1)).toMatch(/^event: response.completed\n/);
  });

  it('reaches a provider of its own wire byte for byte, hosted tools and all', async () => {
    const body = JSON.stringify(request('both'));
    await post(body);
    expect(stage.last('responses').path).toBe('/responses');
    expect(stage.last('responses').body.toString()).toBe(body.replace('"both"', '"inner-both"'));
  });
});

describe('between a client and a provider that both speak Responses', () => {
  it('every byte of an answer and of a stream comes back but for the model', async () => {
    const provider = PLAYED_PROVIDERS.responses;
    const named = (text: string): string => text.replaceAll('"inner-pro"', '"responses"');
    expect(await post({ model: 'responses', input: ask('thinks') })).toBe(named(JSON.stringify(provider.answer('thinks'))));
    expect(await post({ model: 'responses', input: ask('tool'), stream: true })).toBe(named(provider.stream('tool').join('')));
  });

  it("the provider's memory is there to be used", async () => {
    const memory = { previous_response_id: 'resp_before', store: true, background: true, conversation: 'conv_1' };
    await client.responses.create({ model: 'responses', input: ask('text'), ...memory } as never);
    expect(sentTo('responses')).toMatchObject(memory);
  });
});

describe('where nothing remembers', () => {
  it.each([
    ['previous_response_id', 'resp_before'],
    ['conversation', 'conv_1'],
    ['prompt', { id: 'pmpt_1' }],
    ['background', true],
  ])('%s is refused by its name, before anything is sent', async (name, value) => {
    const before = stage.count('openai');
    const error = await apiErrorOf(client.responses.create({ model: 'openai', input: ask('text'), [name]: value } as never));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, param: name, type: 'invalid_request_error' });
    expect(stage.count('openai')).toBe(before);
  });

  it('a reference to an item is refused with its place', async () => {
    const error = await apiErrorOf(client.responses.create({ model: 'anthropic', input: [{ type: 'item_reference', id: 'msg_1' }] }));
    expect(error).toMatchObject({ status: 400, param: 'input[0]' });
  });

  it('what is asked to be stored is answered all the same, and the answer says that it was not', async () => {
    expect(await client.responses.create({ model: 'openai', input: ask('text'), store: true })).toMatchObject({ store: false, status: 'completed' });
  });

  it('a stored response is not there to be fetched', async () => {
    expect(await apiErrorOf(client.responses.retrieve('resp_before'))).toBeInstanceOf(APIError);
  });
});
