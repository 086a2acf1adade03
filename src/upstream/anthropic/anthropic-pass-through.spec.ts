import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import { type RecordedCase, RecordedTraffic } from '../../../test/doubles/recorded-traffic.js';
import { SeededRandom } from '../../../test/doubles/seeded-random.js';
import type { StreamTranslator } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { AnthropicPassThrough } from './anthropic-pass-through.js';

const adapter = new AnthropicPassThrough();
const target = openaiTarget({}, { baseUrl: 'http://127.0.0.1:9' });
const call = openaiCall({ model: 'chat', stream: true });
const traffic = RecordedTraffic.open();
const cases = traffic?.cases(({ endpoint, status }) => endpoint === 'messages' && status === 200) ?? [];
const NONE: [string, RecordedCase][] = [['none', {} as RecordedCase]];
const named = (framing: string): [string, RecordedCase][] => {
  const found = cases.filter((recorded) => recorded.framing === framing).map((recorded): [string, RecordedCase] => [recorded.id, recorded]);
  return found.length === 0 ? NONE : found;
};
const describeRecorded = traffic === undefined ? describe.skip : describe;

function translated(stream: Buffer | string, sizes: () => number = () => 5): { output: string; translator: StreamTranslator } {
  const bytes = Buffer.from(stream);
  const translator = adapter.translator(call, target, 1024 * 1024);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = sizes();
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    at += size;
    parts.push(Buffer.from(translator.write(chunk)));
    chunk.fill(0x21);
  }
  if (translator.failure === undefined) parts.push(translator.end());
  return { output: Buffer.concat(parts).toString(), translator };
}

it('a request goes byte for byte but for the model, with its own headers', () => {
  const body = '{ "system":[{"type":"text","text":"\\u0041"}],"model" : "chat","x_new":{"a":-0, "n":9007199254740993},"max_tokens":1e1 }';
  const headers = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'a,b', 'anthropic-x': 'y', 'x-request-id': 'r', 'openai-beta': 'no' };
  const request = adapter.encode(openaiCall(body, { headers }), target);
  expect(request.body.toString()).toBe(body.replace('"chat"', '"inner"'));
  expect(request.path).toBe('/v1/messages');
  expect(request.headers).toEqual({
    'anthropic-version': '2026-10-21',
    'anthropic-beta': 'a,b',
    'anthropic-x': 'y',
    'x-request-id': 'r',
    'x-api-key': 'sk-CANARY0123456789abcdef',
    'content-type': 'application/json',
    accept: 'application/json',
  });
});

it('who names no version means the one that everybody spoke', () => {
  expect(adapter.encode(call, target).headers['anthropic-version']).toBe('2023-06-01');
});

it('a token of a subscription is no key', () => {
  const { headers } = adapter.encode(call, openaiTarget({}, { apiKey: 'sk-ant-oat01-x' }));
  expect(headers).toMatchObject({ authorization: 'Bearer sk-ant-oat01-x', 'anthropic-beta': 'oauth-2025-04-20' });
  expect(headers).not.toHaveProperty('x-api-key');
});

it('tokens are counted where the upstream counts them', () => {
  const counting = new AnthropicPassThrough('/messages/count_tokens');
  expect(counting.encode(call, target).path).toBe('/v1/messages/count_tokens');
  const body = Buffer.from('{"input_tokens": 7}');
  expect(counting.answer(call, target, body)).toEqual({ body, usage: undefined });
  expect(counting.answer(call, target, Buffer.from('{}'))).toBeInstanceOf(UpstreamFailure);
});

describeRecorded('recorded messages passed through', () => {
  it.each(named('sse'))('%s is the same bytes but for the model', (_id, recorded) => {
    const stream = (traffic as RecordedTraffic).response(recorded);
    const summary = (traffic as RecordedTraffic).summary(recorded);
    const random = new SeededRandom(stream.length);
    const whole = translated(stream, () => stream.length);
    for (const sizes of [() => 1, () => 7, () => 1 + random.below(900)]) expect(translated(stream, sizes).output).toBe(whole.output);
    const { output, translator } = whole;
    expect(translator.dropped).toBe(0);
    const source = stream.toString();
    const first = /"model":\s*"[^"]*"/.exec(source)?.[0] ?? '';
    const expected = source.replace(first, first.replace(/"[^"]*"$/, '"outer"'));
    if (summary.error !== undefined && summary.error !== null) {
      expect(translator.failure).toMatchObject({ kind: 'interrupted', details: { status: 529 } });
      expect(expected.startsWith(output)).toBe(true);
      expect(output).not.toContain('event: error');
      return;
    }
    expect(translator.failure).toBeUndefined();
    expect(translator.progress).toBe('done');
    // Nothing comes after the last event: a router adds a word of another wire.
    expect(output).toBe(expected.replace('event: data\ndata: [DONE]\n\n', ''));
    const { usage } = summary;
    expect(translator.usage).toMatchObject({
      input: usage?.['prompt_tokens'],
      output: usage?.['completion_tokens'],
      cached: usage?.['cached_tokens'] ?? 0,
    });
    expect(translator.deltas).toBeGreaterThan(0);
  });

  it.each(named('json'))('%s is the same bytes but for the model', (_id, recorded) => {
    const body = (traffic as RecordedTraffic).response(recorded);
    const answer = adapter.answer(call, target, body);
    if (answer instanceof UpstreamFailure) throw answer;
    const { model } = JSON.parse(body.toString()) as { model: string };
    expect(answer.body.toString()).toBe(body.toString().replace(JSON.stringify(model), '"outer"'));
    expect(answer.usage?.input).toBe((traffic as RecordedTraffic).summary(recorded).usage?.['prompt_tokens']);
  });
});

const START = 'event: message_start\ndata: {"type":"message_start","message":{"model":"inner","usage":{"input_tokens":3}}}\n\n';
const PING = 'event: ping\ndata: {"type": "ping"}\n\n';
const TEXT = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"} }\n\n';
const LAST = 'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}\n\n';
const STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
const ERROR = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded sk-CANARY0123456789abcdef"}}\n\n';
const NEW = 'event: something_new\ndata: {"type":"something_new","model":"inner"}\n\n';

it('how far a stream has come is read from its events', () => {
  const translator = adapter.translator(call, target, 4096);
  const after = [START, PING, TEXT, LAST, STOP].map((event) => {
    translator.write(Buffer.from(event));
    return translator.progress;
  });
  expect(after).toEqual(['alive', 'alive', 'content', 'finished', 'done']);
  expect(translator.usage).toEqual({ input: 3, output: 2, cached: 0, reasoning: 0 });
});

it('comments, pings and events of tomorrow go on untouched, and the very chunk where nothing is to be changed', () => {
  expect(translated(`${START}: keep\n\n${PING}${NEW}${TEXT}${LAST}${STOP}`).output).toBe(
    `${START.replace('inner', 'outer')}: keep\n\n${PING}${NEW}${TEXT}${LAST}${STOP}`,
  );
  const translator = adapter.translator(call, target, 4096);
  translator.write(Buffer.from(START));
  const chunk = Buffer.from(TEXT);
  expect(translator.write(chunk)).toBe(chunk);
});

it('a complete stream without its last event gets one', () => {
  expect(translated(START + TEXT + LAST).output.endsWith(STOP)).toBe(true);
});

it.each([
  ['an end before an answer', '', 'invalid'],
  ['an end after the beginning', START, 'invalid'],
  ['an end within the answer', START + TEXT, 'interrupted'],
  ['an error before the answer', START + ERROR, 'server_error'],
  ['an error within the answer', START + TEXT + ERROR + LAST, 'interrupted'],
  ['three events that are no JSON', `${START}data: {\n\ndata: {\n\ndata: {\n\n`, 'invalid'],
])('%s is a failure', (_name, stream, kind) => {
  const { translator, output } = translated(stream);
  expect(translator.failure?.kind).toBe(kind);
  expect(output).not.toContain('CANARY');
  expect(translator.failure?.details.rawBody?.toString() ?? '').not.toContain('CANARY');
  expect(output).not.toContain('message_stop');
});

it('one event that is no JSON is dropped', () => {
  const { translator, output } = translated(`${START}data: {\n\n${TEXT}${LAST}${STOP}`);
  expect(translator.dropped).toBe(1);
  expect(output).toBe(START.replace('inner', 'outer') + TEXT + LAST + STOP);
});

it.each([
  ['no JSON', 'x', 'invalid'],
  ['no message', '{"model":"inner"}', 'invalid'],
  ['an error', '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 'server_error'],
])('an answer that is %s is a failure', (_name, body, kind) => {
  expect(adapter.answer(call, target, Buffer.from(body))).toMatchObject({ kind });
});

it('a refusal keeps its bytes', () => {
  const body = '{"type":"error","error":{"type":"invalid_request_error","message":"messages.0: no"},"request_id":"req_1"}';
  const failure = adapter.explain(target, 400, {}, Buffer.from(body));
  expect(failure).toMatchObject({ kind: 'rejected', details: { status: 400 } });
  expect(failure.details.rawBody?.toString()).toBe(body);
});

it('the last word of a stream that broke is the word of the provider, or ours in its shape', () => {
  const ours = { error: { message: 'm', type: 'server_error', param: null, code: 'upstream_timeout' } };
  const farewell = (stream: string): string => translated(stream).translator.farewell?.(ours).toString() ?? '';
  expect(farewell(START + TEXT + ERROR)).toBe(ERROR.replace('sk-CANARY0123456789abcdef', '[key]'));
  expect(farewell(START + TEXT)).toBe('event: error\ndata: {"type":"error","error":{"type":"timeout_error","message":"m"}}\n\n');
});
