import Anthropic, { APIError, APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { CALL, REFUSAL, TEXT, THOUGHT, TOKENS } from '../doubles/providers/scene.js';
import { StagedGateway, WIRES } from '../doubles/staged-gateway.js';

const schema = z.object({ city: z.string(), days: z.number() });
const asked = (scene: string): Anthropic.MessageParam[] => [{ role: 'user', content: `Please play scene:${scene} now.` }];

let house: StagedGateway;
let client: Anthropic;
beforeAll(async () => {
  house = await StagedGateway.start();
  client = new Anthropic({ apiKey: 'dev-key', baseURL: house.gateway.url, maxRetries: 0 });
});
afterAll(() => house.stop());

async function errorOf(call: PromiseLike<unknown>): Promise<APIError> {
  const thrown: unknown = await Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof APIError) return thrown;
  throw new Error(`no APIError: ${String(thrown)}`);
}

describe.each(WIRES)('messages with %s', (model) => {
  it.each([false, true])("the library's own loop goes two rounds with a tool, and then has the answer (stream: %s)", async (stream) => {
    const seen: unknown[] = [];
    const weather = betaZodTool({
      name: CALL.name,
      description: 'The weather',
      inputSchema: schema,
      run: (given) => {
        seen.push(given);
        // What is to be played next: a second call, then the answer.
        return seen.length === 1 ? 'scene:tool' : 'scene:text';
      },
    });
    const last = await client.beta.messages.toolRunner({ model, max_tokens: 1_000, messages: asked('both'), tools: [weather], stream });
    expect(last).toMatchObject({ content: [{ type: 'text', text: TEXT }], stop_reason: 'end_turn' });
    expect(last.usage).toMatchObject({ input_tokens: TOKENS.input, output_tokens: TOKENS.output });
    expect(seen).toEqual([CALL.arguments, CALL.arguments]);
  });

  it('a conversation that the server holds goes on with all messages sent', async () => {
    const thread = client.beta.messages.thread({ model, max_tokens: 1_000, unsupportedRequestBehavior: 'continue_unthreaded' });
    await thread.send({ role: 'user', content: 'First: scene:text' });
    const second = await thread.send({ role: 'user', content: 'Second: scene:text' });
    expect(second.content).toMatchObject([{ type: 'text', text: TEXT }]);
    const sent = house.stage.last(model).body.toString();
    // Anthropic holds it itself.
    if (model === 'anthropic') expect(sent).toContain('"type":"continue"');
    else expect([sent.includes('First:'), sent.includes('Second:')]).toEqual([true, true]);
  });

  it('parses an object of the schema, whole and as a stream', async () => {
    const body = { model, max_tokens: 1_000, messages: asked('form'), output_config: { format: zodOutputFormat(schema) } };
    expect((await client.messages.parse(body)).parsed_output).toEqual(CALL.arguments);
    expect((await client.messages.stream(body).finalMessage()).parsed_output).toEqual(CALL.arguments);
  });

  it('thoughts come with the answer, and go back with the next question', async () => {
    const thinking = { type: 'enabled' as const, budget_tokens: 1_024 };
    const body = { model, max_tokens: 2_000, thinking };
    const first = await client.messages.stream({ ...body, messages: asked('thinks') }).finalMessage();
    expect(first.content).toMatchObject([
      { type: 'thinking', thinking: THOUGHT },
      { type: 'text', text: TEXT },
    ]);
    const messages = [...asked('thinks'), { role: 'assistant' as const, content: first.content }, ...asked('text')];
    expect((await client.messages.create({ ...body, messages })).content).toMatchObject([{ type: 'text', text: TEXT }]);
  });

  it('closes the upstream when the call is aborted, before the answer and in its midst', async () => {
    const controller = new AbortController();
    const count = house.stage.count(model);
    const hanging = client.messages.create({ model, max_tokens: 9, messages: asked('hang') }, { signal: controller.signal });
    await house.arrival(model, count + 1);
    controller.abort();
    expect(await errorOf(hanging)).toBeInstanceOf(APIUserAbortError);
    expect(await house.wasLeft(model)).toBe(true);
    for await (const event of await client.messages.create({ model, max_tokens: 9, messages: asked('pauses'), stream: true }))
      if (event.type === 'content_block_delta') break;
    expect(await house.wasLeft(model)).toBe(true);
  });

  it('raises its own error for a stream that breaks off, after the words that came', async () => {
    let text = '';
    const stream = client.messages.stream({ model, max_tokens: 9, messages: asked('cut') }).on('text', (words) => (text += words));
    expect((await errorOf(stream.finalMessage())).message).toContain('api_error');
    expect(text !== '' && TEXT.startsWith(text)).toBe(true);
  });

  it("raises its own error for the provider's refusal", async () => {
    const error = await errorOf(client.messages.create({ model, max_tokens: 9, messages: asked('refused') }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error.message).toContain(REFUSAL);
  });
});

it('the models are listed with what the library says that they have', async () => {
  const page = await client.models.list();
  expect([page.hasNextPage(), page.first_id, page.last_id]).toEqual([false, page.data[0]?.id, page.data.at(-1)?.id]);
  const model = { id: 'anthropic', type: 'model', display_name: 'anthropic', created_at: expect.stringMatching(/^\d{4}-/) as string };
  expect(page.data).toContainEqual(expect.objectContaining(model));
  expect(await client.models.retrieve('anthropic')).toMatchObject(model);
});

it('its own errors say what is wrong with a key, a model and a pace', async () => {
  const body = { model: 'mock', max_tokens: 9, messages: asked('text') };
  const stranger = new Anthropic({ apiKey: 'wrong', baseURL: house.gateway.url, maxRetries: 0 });
  expect(await errorOf(stranger.messages.create(body))).toBeInstanceOf(AuthenticationError);
  expect(await errorOf(client.messages.create({ ...body, model: 'nobody' }))).toBeInstanceOf(NotFoundError);
  const hasty = new Anthropic({ apiKey: 'hasty-key', baseURL: house.gateway.url, maxRetries: 0 });
  await hasty.messages.create(body);
  const limited = await errorOf(hasty.messages.create(body));
  expect(limited).toBeInstanceOf(RateLimitError);
  expect(Number(limited.headers?.get('retry-after'))).toBeGreaterThanOrEqual(1);
});

it('nobody but the gateway was called', () => {
  expect([...house.contacts.hosts]).toEqual(['127.0.0.1']);
});
