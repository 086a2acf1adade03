import OpenAI from 'openai';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, type RecordedSummary, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import { LITELLM_PROVIDERS } from '../../config/litellm-providers.js';
import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import type { ProviderQuirks } from '../../contracts/gateway-settings.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { StreamTranslator } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { asArray, asObject, type JsonObject } from './json-value.js';
import { OpenaiAdapter } from './openai-adapter.js';

const traffic = RecordedTraffic.open();
const adapter = new OpenaiAdapter();
const ENDPOINTS: Readonly<Record<string, InferenceEndpoint>> = { chat: 'chat_completions', completions: 'completions', embeddings: 'embeddings' };
/** Of Ollama's native API, though it is listed with the others. Snowflake's chat is a dialect of its own. */
const OLLAMAS_OWN = 'ollama/embeddings-sync-llama3-5a58';
/** Providers whose embeddings are another dialect. */
const OTHER_EMBEDDINGS = ['cohere', 'gemini', 'vertex_ai', 'voyage'];
const isOurs = ({ id, endpoint, provider }: RecordedCase): boolean =>
  ENDPOINTS[endpoint] !== undefined &&
  !(endpoint === 'embeddings' && OTHER_EMBEDDINGS.includes(provider)) &&
  id !== OLLAMAS_OWN &&
  provider !== 'snowflake';

const streams = traffic?.cases((recorded) => isOurs(recorded) && recorded.framing === 'sse' && recorded.status === 200) ?? [];
const answers = traffic?.cases((recorded) => isOurs(recorded) && recorded.framing === 'json' && recorded.status === 200) ?? [];
const refusals = traffic?.cases((recorded) => isOurs(recorded) && recorded.status >= 400) ?? [];
const named = (cases: RecordedCase[]): [string, RecordedCase][] => cases.map((recorded) => [recorded.id, recorded]);
const describeRecorded = traffic === undefined ? describe.skip : describe;
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];
const orNone = (cases: RecordedCase[]): [string, RecordedCase][] => (cases.length === 0 ? NONE : named(cases));

function callOf(recorded: RecordedCase, stream: boolean, part: Partial<InferenceCall> = {}): InferenceCall {
  const body = { model: 'asked', messages: [], ...traffic?.requestBody(recorded), ...(stream && { stream: true }) };
  return openaiCall(body, part, ENDPOINTS[recorded.endpoint]);
}

function quirksOf(provider: string): ProviderQuirks {
  const row = (LITELLM_PROVIDERS as Readonly<Record<string, { readonly quirks?: ProviderQuirks }>>)[provider];
  return row?.quirks ?? {};
}

function translated(stream: Buffer, call: InferenceCall, target: Target, sizes: () => number): { output: Buffer; translator: StreamTranslator } {
  const translator = adapter.translator(call, target, 1024 * 1024);
  const parts: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const size = sizes();
    const chunk = Buffer.from(stream.subarray(at, at + size));
    at += size;
    parts.push(Buffer.from(translator.write(chunk)));
    chunk.fill(0x21);
  }
  if (translator.failure === undefined) parts.push(translator.end());
  return { output: Buffer.concat(parts), translator };
}

/** What the official client library makes of the bytes. */
async function readBySdk(body: Buffer, endpoint: InferenceEndpoint, stream: boolean): Promise<JsonObject[]> {
  const type = stream ? 'text/event-stream' : 'application/json';
  const client = new OpenAI({
    apiKey: 'x',
    baseURL: 'http://127.0.0.1:9/v1',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(new Uint8Array(body), { headers: { 'content-type': type } })),
  });
  const path = endpoint === 'completions' ? '/completions' : '/chat/completions';
  const read = await client.post(path, { body: {}, stream });
  if (!stream) return [read as JsonObject];
  const chunks: JsonObject[] = [];
  for await (const chunk of read as AsyncIterable<JsonObject>) chunks.push(chunk);
  return chunks;
}

interface Gathered {
  text: string;
  readonly toolCalls: { name: string; arguments: string }[];
  finish: unknown;
}

/** Puts choices together the way a client does: tool calls by `index`. */
function gather(chunks: readonly JsonObject[], isStream: boolean): Gathered[] {
  const gathered: Gathered[] = [];
  for (const chunk of chunks) {
    for (const item of asArray(chunk['choices']) ?? []) {
      const choice = asObject(item) ?? {};
      const into = (gathered[Number(choice['index'] ?? 0)] ??= { text: '', toolCalls: [], finish: null });
      const part = asObject(choice[isStream ? 'delta' : 'message']) ?? { content: choice['text'] };
      into.text += textOf(part['content']);
      into.finish = choice['finish_reason'] || into.finish;
      const legacy = asObject(part['function_call']);
      if (legacy !== undefined && !isStream) into.toolCalls.push({ name: textOf(legacy['name']), arguments: textOf(legacy['arguments']) });
      for (const [position, toolItem] of (asArray(part['tool_calls']) ?? []).entries()) {
        const toolCall = asObject(toolItem) ?? {};
        const index = isStream ? Number(toolCall['index']) : position;
        const call = (into.toolCalls[index] ??= { name: '', arguments: '' });
        const called = asObject(toolCall['function']);
        call.name += textOf(called?.['name']);
        call.arguments += textOf(called?.['arguments']);
      }
    }
  }
  return gathered;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return (asArray(content) ?? []).map((part) => (asObject(part)?.['type'] === 'text' ? textOf(asObject(part)?.['text']) : '')).join('');
}

/** Where a provider's ends are told in OpenAI's words, they are not what was recorded. */
function expectSame(gathered: readonly Gathered[], { choices = [] }: RecordedSummary, { looseShape }: ProviderQuirks): void {
  expect(gathered.map(({ text }) => text)).toEqual(choices.map(({ text }) => text ?? ''));
  expect(gathered.map(({ finish }) => finish)).toEqual(
    choices.map(({ finish_reason_raw: raw, finish_reason: told }) => (looseShape ? told : raw) ?? null),
  );
  expect(gathered.map(({ toolCalls }) => toolCalls.filter(Boolean).map(({ name, arguments: text }) => ({ name, arguments: parsed(text) })))).toEqual(
    choices.map(({ tool_calls }) => (tool_calls ?? []).map(({ name, arguments: value }) => ({ name, arguments: value }))),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text) as unknown;
  } catch {
    return { __unparsed__: text };
  }
}

function expectUsage(usage: StreamTranslator['usage'], recorded: RecordedSummary['usage'], quirks: ProviderQuirks): void {
  if (recorded === undefined || recorded === null) return expect(usage).toBeUndefined();
  const reasoning = recorded['reasoning_tokens'] ?? 0;
  expect(usage).toEqual({
    input: recorded['prompt_tokens'] ?? 0,
    output: (recorded['completion_tokens'] ?? 0) + (quirks.reasoningApart === true ? reasoning : 0),
    cached: recorded['cached_tokens'] ?? 0,
    reasoning,
  });
}

/** Where a slice parts the end of a line from an event that had to be mended, an empty line is left, which says nothing. */
function withoutEmptyLines(output: Buffer): string {
  return output.toString().replaceAll(/\n{3,}/g, '\n\n');
}

describeRecorded('recorded streams', () => {
  it.each(orNone(streams))('%s reads the same to a client, however it is sliced', async (_id, recorded) => {
    const stream = (traffic as RecordedTraffic).response(recorded);
    const summary = (traffic as RecordedTraffic).summary(recorded);
    const quirks = quirksOf(recorded.provider);
    const call = callOf(recorded, true);
    const target = openaiTarget(quirks);
    const random = new SeededRandom(stream.length);
    const whole = translated(stream, call, target, () => stream.length);
    for (const sizes of [() => 1, () => 3, () => 1 + random.below(700)]) {
      const sliced = translated(stream, call, target, sizes);
      expect(withoutEmptyLines(sliced.output)).toBe(withoutEmptyLines(whole.output));
      expect(sliced.translator.progress).toBe(whole.translator.progress);
      expect(sliced.translator.usage).toEqual(whole.translator.usage);
    }
    const { output, translator } = whole;
    expect(translator.dropped).toBe(0);
    if (summary.error !== undefined && summary.error !== null) {
      expect(translator.failure).toBeInstanceOf(UpstreamFailure);
      expect(output.toString()).not.toContain('[DONE]');
      return;
    }
    expect(translator.failure).toBeUndefined();
    expect(output.toString().split('data: [DONE]')).toHaveLength(2);
    const chunks = await readBySdk(output, call.endpoint, true);
    for (const chunk of chunks) {
      expect(['outer', undefined]).toContain(chunk['model']);
      if (!call.wantsUsage) expect((asArray(chunk['choices']) ?? []).length === 0 && asObject(chunk['usage']) !== undefined).toBe(false);
    }
    expectSame(gather(chunks, true), summary, quirks);
    expectUsage(translator.usage, summary.usage, quirks);
    const hasContent = (summary.choices ?? []).some(
      ({ text, reasoning, refusal, tool_calls }) => [text, reasoning, refusal].some(Boolean) || tool_calls !== undefined,
    );
    expect(translator.deltas > 0).toBe(hasContent);
  });

  it.each(orNone(streams))('%s is the same bytes but for the model, and for calls that lack their index', (_id, recorded) => {
    const stream = (traffic as RecordedTraffic).response(recorded);
    const { output, translator } = translated(stream, callOf(recorded, true, { wantsUsage: true }), openaiTarget(), () => 1000);
    // Content in parts is mended: what it says is judged above.
    if (translator.failure !== undefined || stream.includes('"content":[')) return;
    const withoutModel = (text: string): string =>
      text
        .replaceAll(/("model": ?)"[^"]*"/g, '$1')
        .replaceAll(/("tool_calls": ?\[\{)"index": ?0, ?("id")/g, '$1$2')
        .replaceAll('\r', '')
        .trimEnd();
    const before = withoutModel(stream.toString());
    expect(withoutModel(output.toString())).toBe(before.endsWith('[DONE]') ? before : `${before}\n\ndata: [DONE]`);
  });
});

describeRecorded('recorded answers', () => {
  it.each(orNone(answers))('%s reads the same to a client', async (_id, recorded) => {
    const body = (traffic as RecordedTraffic).response(recorded);
    const summary = (traffic as RecordedTraffic).summary(recorded);
    const quirks = quirksOf(recorded.provider);
    const call = callOf(recorded, false);
    const answer = adapter.answer(call, openaiTarget(quirks), body);
    if (answer instanceof UpstreamFailure) {
      expect(summary.error).toBeTruthy();
      return;
    }
    const [read = {}] = await readBySdk(answer.body, call.endpoint, false);
    expect(['outer', undefined]).toContain(read['model']);
    if (call.endpoint !== 'embeddings') expectSame(gather([read], false), summary, quirks);
    if (call.endpoint !== 'embeddings') expectUsage(answer.usage, summary.usage, quirks);
    const withoutModel = (text: string): string => text.replaceAll(/("model":\s*)"[^"]*"/g, '$1');
    if (Object.keys(quirks).length === 0 && call.endpoint !== 'embeddings')
      expect(withoutModel(answer.body.toString())).toBe(withoutModel(body.toString()));
  });
});

describeRecorded('recorded refusals', () => {
  it.each(orNone(refusals))('%s is named', (_id, recorded) => {
    const body = (traffic as RecordedTraffic).response(recorded);
    const failure = adapter.explain(openaiTarget(), recorded.status, (traffic as RecordedTraffic).headers(recorded), body);
    const { status } = recorded;
    if (status === 429) expect(['rate_limited', 'quota_exhausted']).toContain(failure.kind);
    else if (status >= 500) expect(failure.kind).toBe('server_error');
    else if (status === 401) expect(failure.kind).toBe('auth');
    else expect(['rejected', 'context_length', ...(status === 403 ? ['auth'] : [])]).toContain(failure.kind);
    if (failure.details.body === undefined) return;
    expect(failure.details.status).toBe(status);
    expect(failure.message).not.toMatch(/no reason that can be shown/);
    for (const value of Object.values(failure.details.body.error)) expect(value === null || typeof value === 'string').toBe(true);
  });
});
