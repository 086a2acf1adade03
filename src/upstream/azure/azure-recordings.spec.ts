import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import { readSliced, recordedOf, told, toldOf } from '../../../test/doubles/told-events.js';
import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { ChatOutbound } from '../openai/chat-outbound.js';
import { asArray, asObject, asText, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { AzureAdapter } from './azure-adapter.js';
import { AzureOutbound } from './azure-outbound.js';

const traffic = RecordedTraffic.open();
const options = { apiVersion: '2025-02-01-preview', keyIsToken: false, tokens: undefined };
const azure = new AzureAdapter(options);
const outbound = new AzureOutbound(options);
const ENDPOINTS: Readonly<Record<string, InferenceEndpoint>> = { chat: 'chat_completions', completions: 'completions', embeddings: 'embeddings' };
const cases = traffic?.cases(({ provider, endpoint }) => provider === 'azure' && ENDPOINTS[endpoint] !== undefined) ?? [];
const describeRecorded = traffic === undefined ? describe.skip : describe;
const named = (wanted: (recorded: RecordedCase) => boolean): [string, RecordedCase][] => {
  const found = cases.filter(wanted).map((recorded): [string, RecordedCase] => [recorded.id, recorded]);
  return found.length === 0 ? [['none', {} as RecordedCase]] : found;
};
const callOf = (recorded: RecordedCase, part: object = {}): InferenceCall =>
  openaiCall({ model: 'asked', ...traffic?.requestBody(recorded), ...part }, {}, ENDPOINTS[recorded.endpoint]);

describeRecorded('recorded streams', () => {
  it.each(named(({ framing, status }) => framing === 'sse' && status === 200))('%s is what was recorded, however it is sliced', (_id, recorded) => {
    const stream = (traffic as RecordedTraffic).response(recorded);
    const passed = (sizes: () => number): string => {
      const translator = azure.translator(callOf(recorded, { stream: true }), openaiTarget(), 1024 * 1024);
      const parts: Buffer[] = [];
      for (let at = 0; at < stream.length;) {
        const chunk = Buffer.from(stream.subarray(at, (at += sizes())));
        parts.push(Buffer.from(translator.write(chunk)));
        chunk.fill(0x21);
      }
      parts.push(translator.end());
      expect(translator.failure).toBeUndefined();
      expect(translator.dropped).toBe(0);
      return Buffer.concat(parts).toString();
    };
    const whole = passed(() => stream.length);
    const random = new SeededRandom(stream.length);
    for (const sizes of [() => 1, () => 7, () => 1 + random.below(900)]) expect(passed(sizes)).toBe(whole);
    const expected = recordedOf((traffic as RecordedTraffic).summary(recorded));
    // What the client reads, and what clients of another wire are told.
    expect(toldOf(told(readSliced(new ChatOutbound().streamReader(1024 * 1024), Buffer.from(whole), () => 1_000).events))).toEqual(expected);
    expect(toldOf(told(readSliced(outbound.streamReader(1024 * 1024), stream, () => 1_000).events))).toEqual(expected);
    const ids = new Set<unknown>();
    for (const line of whole.split(/\r?\n\r?\n/)) {
      const chunk = asObject(parsedJson(line.replace(/^data: /, '')));
      if (chunk === undefined) continue;
      ids.add(chunk['id']);
      expect(chunk['object']).toBe('chat.completion.chunk');
      expect(chunk['model']).toBe('outer');
      const choices = asArray(chunk['choices']) ?? [];
      if (choices.length === 0) expect(asObject(chunk['usage'])).toBeDefined();
      for (const choice of choices) expect(asObject(asObject(choice)?.['delta'])).toBeDefined();
    }
    expect(ids.size).toBe(1);
    expect(asText([...ids][0])).toBeDefined();
  });
});

describeRecorded('recorded answers', () => {
  it.each(named(({ framing, status }) => framing === 'json' && status === 200))('%s is what was recorded', (_id, recorded) => {
    const call = callOf(recorded);
    const body = (traffic as RecordedTraffic).response(recorded);
    const answer = azure.answer(call, openaiTarget(), body);
    if (answer instanceof UpstreamFailure) throw answer;
    if (recorded.endpoint !== 'chat') return expect(parsedJson(answer.body.toString())).toMatchObject({ model: 'outer' });
    const expected = recordedOf((traffic as RecordedTraffic).summary(recorded));
    expect(toldOf(told(new ChatOutbound().read(answer.body)))).toEqual(expected);
    expect(toldOf(told(outbound.read(body)))).toEqual(expected);
    for (const choice of asArray(asObject(parsedJson(answer.body.toString()))?.['choices']) ?? [])
      expect(['stop', 'length', 'tool_calls', 'content_filter']).toContain(asObject(choice)?.['finish_reason']);
  });
});

describeRecorded('recorded refusals', () => {
  it.each(named(({ status }) => status >= 400))('%s is named', (_id, recorded) => {
    const body = (traffic as RecordedTraffic).response(recorded);
    const failure = azure.explain(openaiTarget(), recorded.status, (traffic as RecordedTraffic).headers(recorded), body);
    expect(failure.kind).toBe(recorded.status === 401 ? 'auth' : 'rejected');
    if (failure.kind === 'auth') return;
    const error = asObject(asObject(parsedJson(body.toString()))?.['error']);
    expect(failure.message.startsWith(String(error?.['message']))).toBe(true);
    expect(asObject(failure.details.body?.error)?.['innererror']).toEqual(error?.['innererror']);
  });
});

describeRecorded('recorded requests', () => {
  const isKnown = (recorded: RecordedCase): boolean => traffic?.requestUrl(recorded) !== undefined && recorded.status !== 404;
  it.each(named(isKnown))('%s would go where it went', (_id, recorded) => {
    const url = new URL((traffic as RecordedTraffic).requestUrl(recorded) as string);
    const path = url.pathname.replace('//', '/');
    const deployment = decodeURIComponent(/\/deployments\/([^/]+)\//.exec(path)?.[1] ?? 'named-in-the-body');
    const [face = ''] = /^\/(openai\/v1|models)(?=\/)/.exec(path) ?? [];
    const encoded = azure.encode(callOf(recorded), openaiTarget({}, { baseUrl: url.origin + face }, { model: deployment }));
    expect(face + encoded.path.replace(/\?.*/, '')).toBe(path);
  });
});
