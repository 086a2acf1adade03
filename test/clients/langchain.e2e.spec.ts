import { AIMessage, type AIMessageChunk, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { z } from 'zod';
import { CALL, REFUSAL, TEXT, THOUGHT, TOKENS } from '../doubles/providers/scene.js';
import { EMBEDDING_WIRES, StagedGateway, WIRES } from '../doubles/staged-gateway.js';

const schema = z.object({ city: z.string(), days: z.number() });
const said = (scene: string): string => `Please play scene:${scene} now.`;

let house: StagedGateway;
beforeAll(async () => {
  // It reports to LangSmith where the environment says so.
  for (const name of ['LANGSMITH_TRACING', 'LANGSMITH_TRACING_V2', 'LANGCHAIN_TRACING', 'LANGCHAIN_TRACING_V2']) process.env[name] = 'false';
  house = await StagedGateway.start();
});
afterAll(() => house.stop());

const ENDPOINTS = [
  ['chat completions', false],
  ['Responses', true],
] as const;

async function errorOf(call: Promise<unknown>): Promise<{ readonly status?: unknown; readonly message: string; readonly name: string }> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof Error) return thrown;
  throw new Error('no error');
}

describe.each(ENDPOINTS)('ChatOpenAI at %s', (_name, useResponsesApi) => {
  const ask = (model: string, apiKey = 'dev-key'): ChatOpenAI =>
    new ChatOpenAI({ model, apiKey, useResponsesApi, maxRetries: 0, configuration: { baseURL: `${house.gateway.url}/v1` } });
  const usage = { input_tokens: TOKENS.input, output_tokens: TOKENS.output, total_tokens: TOKENS.input + TOKENS.output };

  async function streamed(model: string, scene: string): Promise<AIMessageChunk> {
    let whole: AIMessageChunk | undefined;
    for await (const chunk of await ask(model).stream(said(scene))) whole = whole === undefined ? chunk : whole.concat(chunk);
    if (whole === undefined) throw new Error('the stream was empty');
    return whole;
  }

  describe.each(WIRES)('with %s', (wire) => {
    it('is answered with text, whole and as a stream, and told what it cost', async () => {
      for (const message of [await ask(wire).invoke(said('text')), await streamed(wire, 'text')]) {
        expect(message.text).toBe(TEXT);
        expect(message.usage_metadata).toMatchObject(usage);
      }
    });

    it.each([false, true])('goes two rounds with a tool, and then has the answer (stream: %s)', async (streams) => {
      const seen: unknown[] = [];
      const weather = tool(
        (given) => {
          seen.push(given);
          // What is to be played next: a second call, then the answer.
          return seen.length === 1 ? 'scene:tool' : 'scene:text';
        },
        { name: CALL.name, description: 'The weather', schema },
      );
      const model = ask(wire).bindTools([weather]);
      const messages: BaseMessage[] = [new HumanMessage(said('both'))];
      for (let round = 0; round < 3; round++) {
        let answer: AIMessage | AIMessageChunk | undefined;
        if (streams) for await (const chunk of await model.stream(messages)) answer = (answer as AIMessageChunk | undefined)?.concat(chunk) ?? chunk;
        else answer = await model.invoke(messages);
        if (answer === undefined) throw new Error('the stream was empty');
        messages.push(answer);
        for (const call of answer.tool_calls ?? []) messages.push((await weather.invoke({ ...call, type: 'tool_call' })) as ToolMessage);
      }
      expect(seen).toEqual([CALL.arguments, CALL.arguments]);
      expect(messages.at(-1)?.text).toBe(TEXT);
    });

    it('gets an object of its schema, by schema and by a call of a tool', async () => {
      const bySchema = ask(wire).withStructuredOutput(schema, { method: 'jsonSchema', name: 'forecast' });
      expect(await bySchema.invoke(said('form'))).toEqual(CALL.arguments);
      const byCall = ask(wire).withStructuredOutput(schema, { method: 'functionCalling', name: CALL.name });
      expect(await byCall.invoke(said('tool'))).toEqual(CALL.arguments);
    });

    it('takes the thoughts before the answer', async () => {
      for (const message of [await ask(wire).invoke(said('thinks')), await streamed(wire, 'thinks')]) {
        expect(message.text).toBe(TEXT);
        if (useResponsesApi) expect(JSON.stringify(message.additional_kwargs['reasoning'])).toContain(THOUGHT);
      }
    });

    it("raises an error for the provider's refusal", async () => {
      const error = await errorOf(ask(wire).invoke(said('refused')));
      expect(error).toMatchObject({ status: 400, message: expect.stringContaining(REFUSAL) });
    });

    it('is told of a stream that breaks off', async () => {
      expect((await errorOf(streamed(wire, 'cut'))).message).not.toBe('');
    });

    it('closes the upstream when it is aborted, before the answer and in its midst', async () => {
      const before = new AbortController();
      const count = house.stage.count(wire);
      const hanging = errorOf(ask(wire).invoke(said('hang'), { signal: before.signal }));
      await house.arrival(wire, count + 1);
      before.abort();
      expect((await hanging).message).toMatch(/abort/i);
      expect(await house.wasLeft(wire)).toBe(true);
      const amid = new AbortController();
      const reading = async (): Promise<void> => {
        for await (const chunk of await ask(wire).stream(said('pauses'), { signal: amid.signal })) if (chunk.text !== '') amid.abort();
      };
      expect((await errorOf(reading())).message).toMatch(/abort/i);
      expect(await house.wasLeft(wire)).toBe(true);
    });
  });

  it('raises an error for a wrong key and for a model that there is not', async () => {
    expect(await errorOf(ask('mock', 'wrong').invoke('hi'))).toMatchObject({ status: 401 });
    expect(await errorOf(ask('nobody').invoke('hi'))).toMatchObject({ status: 404 });
  });
});

it.each(EMBEDDING_WIRES)('OpenAIEmbeddings with %s', async (model) => {
  const embeddings = new OpenAIEmbeddings({ model, apiKey: 'dev-key', maxRetries: 0, configuration: { baseURL: `${house.gateway.url}/v1` } });
  expect(await embeddings.embedDocuments(['one', 'two'])).toEqual([
    [0.5, 0.25],
    [1.5, 0.25],
  ]);
  expect(await embeddings.embedQuery('one')).toEqual([0.5, 0.25]);
});

it('a client over its limit is told so, and calls nobody but the gateway', async () => {
  const hasty = new ChatOpenAI({ model: 'mock', apiKey: 'hasty-key', maxRetries: 0, configuration: { baseURL: `${house.gateway.url}/v1` } });
  await hasty.invoke('hi');
  expect(await errorOf(hasty.invoke('hi'))).toMatchObject({ status: 429 });
  expect([...house.contacts.hosts]).toEqual(['127.0.0.1']);
});
