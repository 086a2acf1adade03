import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  embed,
  embedMany,
  generateObject,
  generateText,
  type LanguageModel,
  type ModelMessage,
  Output,
  stepCountIs,
  streamText,
  tool,
} from 'ai';
import { z } from 'zod';
import { CALL, REFUSAL, TEXT, THOUGHT, TOKENS } from '../doubles/providers/scene.js';
import { EMBEDDING_WIRES, StagedGateway, WIRES } from '../doubles/staged-gateway.js';

const schema = z.object({ city: z.string(), days: z.number() });
const prompt = (scene: string) => ({ prompt: `Please play scene:${scene} now.`, maxRetries: 0 });

let house: StagedGateway;
beforeAll(async () => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  house = await StagedGateway.start();
});
afterAll(() => house.stop());

/** The three packages of the AI SDK, as docs/clients.md says to set them: each speaks another of the gateway's endpoints. */
const PACKAGES = {
  '@ai-sdk/openai': (apiKey: string) => createOpenAI({ baseURL: `${house.gateway.url}/v1`, apiKey }),
  '@ai-sdk/anthropic': (apiKey: string) => createAnthropic({ baseURL: `${house.gateway.url}/v1`, apiKey }),
  '@ai-sdk/openai-compatible': (apiKey: string) =>
    createOpenAICompatible({ name: 'nexus', baseURL: `${house.gateway.url}/v1`, apiKey, includeUsage: true, supportsStructuredOutputs: true }),
} as const satisfies Record<string, (apiKey: string) => (model: string) => LanguageModel>;

type Package = keyof typeof PACKAGES;
const PATHS = {
  '@ai-sdk/openai': '/v1/responses',
  '@ai-sdk/anthropic': '/v1/messages',
  '@ai-sdk/openai-compatible': '/v1/chat/completions',
} as const;
const names = Object.keys(PACKAGES) as Package[];

/** A tool whose results say what is to be played next: a second call, then the answer. */
function weather(seen: unknown[]) {
  return tool({
    description: 'The weather',
    inputSchema: schema,
    execute: (input) => {
      seen.push(input);
      return { next: seen.length === 1 ? 'scene:tool' : 'scene:text' };
    },
  });
}

async function callErrorOf(call: PromiseLike<unknown>): Promise<APICallError> {
  const thrown: unknown = await Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (APICallError.isInstance(thrown)) return thrown;
  throw new Error(`no APICallError: ${String(thrown)}`);
}

/** What went wrong in a stream is one of its parts. */
async function errorIn(stream: AsyncIterable<{ readonly type: string }>): Promise<unknown> {
  for await (const part of stream) if (part.type === 'error') return (part as unknown as { error: unknown }).error;
  throw new Error('the stream told of no error');
}

const quiet = { onError: () => undefined };

describe.each(names)('%s', (name) => {
  const ask = (model: string, apiKey = 'dev-key'): LanguageModel => PACKAGES[name](apiKey)(model);
  const usage = { inputTokens: TOKENS.input, outputTokens: TOKENS.output };

  describe.each(WIRES)('with %s', (wire) => {
    it('is answered with text, and told what it cost', async () => {
      const before = house.gateway.lines.length;
      expect(await generateText({ model: ask(wire), ...prompt('text') })).toMatchObject({ text: TEXT, finishReason: 'stop', usage });
      await house.gateway.requestLines(1);
      expect(house.gateway.lines.slice(before)).toEqual([expect.objectContaining({ path: PATHS[name], status: 200, model: wire })]);
    });

    it('streams text, and is told what it cost', async () => {
      const answer = streamText({ model: ask(wire), ...prompt('text'), ...quiet });
      const parts = await Array.fromAsync(answer.textStream);
      expect([parts.join(''), await answer.finishReason, await answer.usage]).toMatchObject([TEXT, 'stop', usage]);
      expect(parts.length).toBeGreaterThan(1);
    });

    it('goes two rounds with a tool, and then answers', async () => {
      const seen: unknown[] = [];
      const answer = await generateText({ model: ask(wire), ...prompt('tool'), tools: { weather: weather(seen) }, stopWhen: stepCountIs(5) });
      expect(answer).toMatchObject({ text: TEXT, finishReason: 'stop' });
      expect(answer.steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'tool-calls', 'stop']);
      expect(seen).toEqual([CALL.arguments, CALL.arguments]);
    });

    it('goes the same two rounds in streams', async () => {
      const seen: unknown[] = [];
      const answer = streamText({ model: ask(wire), ...prompt('tool'), tools: { weather: weather(seen) }, stopWhen: stepCountIs(5), ...quiet });
      const parts = await Array.fromAsync(answer.fullStream);
      const told = parts.map(({ type }) => type).filter((type) => type === 'tool-call' || type === 'tool-result' || type === 'error');
      expect(told).toEqual(['tool-call', 'tool-result', 'tool-call', 'tool-result']);
      expect([await answer.text, await answer.finishReason, seen]).toEqual([TEXT, 'stop', [CALL.arguments, CALL.arguments]]);
      expect(await answer.totalUsage).toMatchObject({ inputTokens: 3 * TOKENS.input, outputTokens: 3 * TOKENS.output });
    });

    it('goes on with a conversation in which was thought, called and said', async () => {
      const given = { model: ask(wire), tools: { weather: weather([]) }, maxRetries: 0, providerOptions: { openai: { store: false } } };
      const messages: ModelMessage[] = [];
      for (const scene of ['thinks', 'both', 'thinks']) {
        messages.push({ role: 'user', content: `Please play scene:${scene} now.` });
        const answer = await generateText({ ...given, messages, stopWhen: stepCountIs(5) });
        expect(answer.text).toBe(TEXT);
        messages.push(...answer.response.messages);
      }
      expect(messages.filter(({ role }) => role === 'tool')).toHaveLength(2);
      const sent = house.stage.last(wire).body.toString();
      // Said with the first thoughts, before each of two calls' results, and after them.
      expect(sent.split(JSON.stringify(TEXT).slice(1, -1))).toHaveLength(4);
    });

    it('gets an object of its schema, whole and as a stream', async () => {
      const options = { anthropic: { structuredOutputMode: 'outputFormat' } };
      expect((await generateObject({ model: ask(wire), schema, ...prompt('form'), providerOptions: options })).object).toEqual(CALL.arguments);
      const output = Output.object({ schema });
      const answer = streamText({ model: ask(wire), output, ...prompt('form'), providerOptions: options, ...quiet });
      expect((await Array.fromAsync(answer.partialOutputStream)).at(-1)).toEqual(CALL.arguments);
    });

    it('shows the thoughts before the answer', async () => {
      expect(await generateText({ model: ask(wire), ...prompt('thinks') })).toMatchObject({ text: TEXT, reasoningText: THOUGHT });
      const answer = streamText({ model: ask(wire), ...prompt('thinks'), ...quiet });
      expect([await answer.text, await answer.reasoningText]).toEqual([TEXT, THOUGHT]);
    });

    it("raises its own error for the provider's refusal", async () => {
      const error = await callErrorOf(generateText({ model: ask(wire), ...prompt('refused') }));
      expect(error).toMatchObject({ statusCode: 400, isRetryable: false, message: expect.stringContaining(REFUSAL) });
      expect(await errorIn(streamText({ model: ask(wire), ...prompt('refused'), ...quiet }).fullStream)).toMatchObject({ statusCode: 400 });
    });

    it('is told of a stream that breaks off', async () => {
      expect(await errorIn(streamText({ model: ask(wire), ...prompt('cut'), ...quiet }).fullStream)).toBeDefined();
    });

    it('closes the upstream when it is aborted, before the answer and in its midst', async () => {
      const before = new AbortController();
      const count = house.stage.count(wire);
      const hanging = generateText({ model: ask(wire), ...prompt('hang'), abortSignal: before.signal });
      await house.arrival(wire, count + 1);
      before.abort();
      await expect(hanging).rejects.toThrow(/abort/i);
      expect(await house.wasLeft(wire)).toBe(true);
      const amid = new AbortController();
      let text = '';
      for await (const part of streamText({ model: ask(wire), ...prompt('pauses'), abortSignal: amid.signal, ...quiet }).textStream) {
        text += part;
        amid.abort();
      }
      expect(TEXT.startsWith(text) && text !== '').toBe(true);
      expect(await house.wasLeft(wire)).toBe(true);
    });
  });

  it('gets an object of its schema in the way that it chooses by itself', async () => {
    const { object } = await generateObject({ model: ask('mock'), schema, ...prompt('form') });
    expect(schema.safeParse(object).success).toBe(true);
  });

  it('raises its own error for a wrong key', async () => {
    const error = await callErrorOf(generateText({ model: ask('openai', 'wrong'), ...prompt('text') }));
    expect(error).toMatchObject({ statusCode: 401, isRetryable: false });
  });

  it('raises its own error for a model that there is not', async () => {
    const error = await callErrorOf(generateText({ model: ask('nobody'), ...prompt('text') }));
    expect(error).toMatchObject({ statusCode: 404, isRetryable: false, message: expect.stringContaining('nobody') });
  });
});

describe('@ai-sdk/openai without a setting', () => {
  const openai = (): ReturnType<typeof createOpenAI> => PACKAGES['@ai-sdk/openai']('dev-key');

  it('is told of store where it points at what was said', async () => {
    const first = await generateText({ model: openai()('mock'), prompt: 'hello' });
    const messages: ModelMessage[] = [...first.response.messages, { role: 'user', content: 'and now?' }];
    const error = await callErrorOf(generateText({ model: openai()('mock'), messages }));
    expect(error).toMatchObject({ statusCode: 400, isRetryable: false, message: expect.stringContaining('set store to false') });
  });

  it('asks for chat completions where it is told to', async () => {
    const first = await generateText({ model: openai().chat('mock'), prompt: 'hello' });
    const messages: ModelMessage[] = [...first.response.messages, { role: 'user', content: 'and now?' }];
    expect((await generateText({ model: openai().chat('mock'), messages })).text).toContain('You said "and now?"');
  });
});

describe.each(['@ai-sdk/openai', '@ai-sdk/openai-compatible'] as const)('embeddings of %s', (name) => {
  const ask = (model: string) => PACKAGES[name]('dev-key').embeddingModel(model);

  it.each(EMBEDDING_WIRES)('with %s', async (wire) => {
    expect(await embedMany({ model: ask(wire), values: ['one', 'two'], maxRetries: 0 })).toMatchObject({
      embeddings: [
        [0.5, 0.25],
        [1.5, 0.25],
      ],
      usage: { tokens: expect.any(Number) },
    });
    expect((await embed({ model: ask(wire), value: 'one', maxRetries: 0 })).embedding).toEqual([0.5, 0.25]);
  });
});

// Last: what is busy rests.
describe.each(WIRES)('while %s is busy', (wire) => {
  it.each(names)('%s is told how long', async (name) => {
    const error = await callErrorOf(generateText({ model: PACKAGES[name]('dev-key')(wire), ...prompt('busy') }));
    expect(error).toMatchObject({ statusCode: 429, isRetryable: true });
    expect(Number(error.responseHeaders?.['retry-after'])).toBeGreaterThanOrEqual(1);
  });
});

it('a client over its limit is told so, and calls nobody but the gateway', async () => {
  const model = PACKAGES['@ai-sdk/openai']('hasty-key')('mock');
  await generateText({ model, ...prompt('text') });
  const error = await callErrorOf(generateText({ model, ...prompt('text') }));
  expect(error).toMatchObject({ statusCode: 429, isRetryable: true });
  expect([...house.contacts.hosts]).toEqual(['127.0.0.1']);
});
