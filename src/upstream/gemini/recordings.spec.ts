import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, type RecordedSummary, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { asArray, asObject, parsedJson } from '../openai/json-value.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { GeminiOutbound } from './gemini-outbound.js';

const traffic = RecordedTraffic.open();
const gemini = new GeminiOutbound();
const PROVIDERS = ['gemini', 'vertex_ai'];
const isOurs = ({ provider, endpoint }: RecordedCase): boolean => PROVIDERS.includes(provider) && endpoint.startsWith('gemini');

const good = traffic?.cases((recorded) => isOurs(recorded) && recorded.status === 200) ?? [];
const streams = good.filter(({ framing }) => framing === 'sse');
const answers = good.filter(({ framing }) => framing !== 'sse');
const refusals = traffic?.cases(({ provider, status }) => PROVIDERS.includes(provider) && status >= 400) ?? [];
const embeddings =
  traffic?.cases(({ provider, endpoint, status }) => PROVIDERS.includes(provider) && endpoint === 'embeddings' && status === 200) ?? [];
const describeRecorded = traffic === undefined ? describe.skip : describe;
const orNone = (cases: RecordedCase[]): [string, RecordedCase][] =>
  cases.length === 0 ? [['none', {} as RecordedCase]] : cases.map((recorded) => [recorded.id, recorded]);

function read(stream: Buffer, sizes: readonly number[]): { readonly events: readonly NeutralEvent[]; readonly dropped: number } {
  const reader = gemini.streamReader(1024 * 1024, openaiTarget());
  const events: NeutralEvent[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    const chunk = Buffer.from(stream.subarray(at, at + size));
    at += size;
    events.push(...reader.read(chunk));
    chunk.fill(0x21);
  }
  events.push(...reader.end());
  return { events, dropped: reader.dropped };
}

interface Gathered {
  text: string;
  reasoning: string;
  readonly calls: { readonly id: string; readonly name: string; json: string }[];
  readonly finish: string[];
}

function gather(events: readonly NeutralEvent[]): Gathered[] {
  const gathered: Gathered[] = [];
  for (const event of events) {
    if (!('choice' in event)) continue;
    const into = (gathered[event.choice] ??= { text: '', reasoning: '', calls: [], finish: [] });
    if (event.kind === 'text') into.text += event.text;
    if (event.kind === 'reasoning') into.reasoning += event.text;
    if (event.kind === 'tool_call') into.calls[event.call] = { id: event.id, name: event.name, json: '' };
    if (event.kind === 'tool_arguments') (into.calls[event.call] as { json: string }).json += event.json;
    if (event.kind === 'finish') into.finish.push(event.reason);
  }
  return gathered;
}

function expectAsRecorded(events: readonly NeutralEvent[], { choices = [], usage }: RecordedSummary): void {
  const gathered = gather(events);
  expect(gathered.map(({ text }) => text)).toEqual(choices.map(({ text }) => text ?? ''));
  expect(gathered.map(({ reasoning }) => reasoning)).toEqual(choices.map(({ reasoning }) => reasoning ?? ''));
  expect(gathered.map(({ calls }) => calls.map(({ name, json }) => ({ name, arguments: parsedJson(json) })))).toEqual(
    choices.map(({ tool_calls }) => (tool_calls ?? []).map(({ name, arguments: value }) => ({ name, arguments: value }))),
  );
  expect(gathered.map(({ finish }) => finish)).toEqual(choices.map((choice) => [(choice as { finish_reason?: string }).finish_reason]));
  const ids = gathered.flatMap(({ calls }) => calls.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  const told = events.findLast((event) => event.kind === 'usage')?.usage;
  const total = usage?.['total_tokens'] ?? 0;
  if (total === 0) return expect(told?.input ?? 0).toBe(0);
  expect(told).toEqual({
    input: usage?.['prompt_tokens'],
    output: usage?.['completion_tokens'],
    cached: usage?.['cached_tokens'] ?? 0,
    cacheWritten: 0,
    reasoning: usage?.['reasoning_tokens'] ?? 0,
  });
}

describeRecorded('recorded streams', () => {
  it.each(orNone(streams))('%s says what was recorded, however it is sliced', (_id, recorded) => {
    const stream = (traffic as RecordedTraffic).response(recorded);
    const whole = read(stream, [stream.length]);
    expect(whole.dropped).toBe(0);
    expectAsRecorded(whole.events, (traffic as RecordedTraffic).summary(recorded));
    for (const sizes of [[1], [7], [1400, 3, 611]]) expect(read(stream, sizes)).toEqual(whole);
  });
});

describeRecorded('recorded answers', () => {
  it.each(orNone(answers))('%s says what was recorded', (_id, recorded) => {
    const events = gemini.read((traffic as RecordedTraffic).response(recorded), openaiTarget());
    expectAsRecorded(events, (traffic as RecordedTraffic).summary(recorded));
  });
});

describeRecorded('recorded refusals', () => {
  it.each(orNone(refusals))("%s is named in the provider's words", (_id, recorded) => {
    const body = (traffic as RecordedTraffic).response(recorded);
    const failure = gemini.explain(openaiTarget(), recorded.status, (traffic as RecordedTraffic).headers(recorded), body);
    const error = asObject(asObject(parsedJson(body.toString()))?.['error']);
    const isKeyRefused = body.includes('API_KEY_INVALID');
    if (recorded.status === 429) expect(failure).toMatchObject({ kind: 'rate_limited', details: { retryAfterMs: 48_000 } });
    else if (recorded.status >= 500) expect(failure.kind).toBe('server_error');
    else if (isKeyRefused || recorded.status === 403) expect(failure.kind).toBe('auth');
    else if (/token count/.test(String(error?.['message']))) expect(failure.kind).toBe('context_length');
    else expect(failure.kind).toBe('rejected');
    if (failure.details.body === undefined) return;
    expect(failure.details.status).toBe(recorded.status);
    expect(failure.details.body.error.message).toBe(String(error?.['message']).trim());
  });
});

describeRecorded('recorded embeddings', () => {
  it.each(orNone(embeddings))('%s are an answer as OpenAI writes it', (_id, recorded) => {
    const call = openaiCall({ model: 'asked', input: 'one' }, {}, 'embeddings');
    const answer = gemini.readEmbeddings((traffic as RecordedTraffic).response(recorded), call, openaiTarget());
    if (answer instanceof UpstreamFailure) throw answer;
    const { count, dims } = (traffic as RecordedTraffic).summary(recorded) as { count?: number; dims?: number };
    const data = asArray(asObject(parsedJson(answer.body.toString()))?.['data']) ?? [];
    expect(data).toHaveLength(count ?? -1);
    expect(asArray(asObject(data[0])?.['embedding'])).toHaveLength(dims ?? -1);
  });
});
