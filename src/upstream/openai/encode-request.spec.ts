import { createHash } from 'node:crypto';
import { openaiCall, openaiTarget } from '../../../test/doubles/openai-call.js';
import type { InferenceEndpoint } from '../../contracts/endpoint.js';
import { encodeRequest } from './encode-request.js';

const ODD =
  '{ "seed":9007199254740993,"temperature":1e400,\n"model" : "chat", "__proto__":{"a":-0},"x_unknown":"\\u0041\\ud83d","messages":[{"role":"user","content":"h\u00e9\u2028"}]}';
const digest = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
const sent = (body: string, endpoint: InferenceEndpoint = 'chat_completions', quirks = {}): string =>
  encodeRequest(openaiCall(body, {}, endpoint), openaiTarget(quirks)).body.toString('utf8');

it('the body goes byte for byte but for the name of the model', () => {
  expect(digest(sent(ODD))).toBe(digest(ODD.replace('"chat"', '"inner"')));
});

it('a body that holds the right name already is sent as it is, however the name is spelled', () => {
  for (const body of ['{"model":"inner"}', '{"model":"in\\u006eer"}']) {
    const call = openaiCall(body);
    expect(encodeRequest(call, openaiTarget()).body).toBe(call.body);
  }
});

it.each([
  ['none', '{"model":"chat","stream":true}', '{"model":"inner","stream_options":{"include_usage":true},"stream":true}'],
  ['none, and the model last', '{"stream":true, "model":"chat" }', '{"stream":true, "model":"inner","stream_options":{"include_usage":true} }'],
  ['null', '{"stream_options":null,"model":"chat","stream":true}', '{"stream_options":{"include_usage":true},"model":"inner","stream":true}'],
  ['empty', '{"model":"chat","stream":true,"stream_options":{ }}', '{"model":"inner","stream":true,"stream_options":{ "include_usage":true}}'],
  [
    'others',
    '{"model":"chat","stream_options":{"x":1.0},"stream":true}',
    '{"model":"inner","stream_options":{"x":1.0,"include_usage":true},"stream":true}',
  ],
  [
    'a refusal',
    '{"model":"chat","stream":true,"stream_options":{"include_usage":false}}',
    '{"model":"inner","stream":true,"stream_options":{"include_usage":true}}',
  ],
  [
    'the wish itself',
    '{"model":"chat","stream":true,"stream_options":{"include_usage": true}}',
    '{"model":"inner","stream":true,"stream_options":{"include_usage": true}}',
  ],
])("a stream asks for usage where the client's stream options hold %s", (_name, body, expected) => {
  expect(sent(body)).toBe(expected);
  expect(sent(body, 'completions')).toBe(expected);
});

it.each([
  ['embeddings', sent('{"model":"chat","stream":true}', 'embeddings')],
  ['a provider that refuses stream options', sent('{"model":"chat","stream":true}', 'chat_completions', { noStreamOptions: true })],
])('no usage is asked for of %s', (_name, body) => {
  expect(body).toBe('{"model":"inner","stream":true}');
});

it.each([
  ['chat_completions', '/chat/completions'],
  ['completions', '/completions'],
  ['embeddings', '/embeddings'],
] as const)('%s goes to %s', (endpoint, path) => {
  expect(encodeRequest(openaiCall(ODD, {}, endpoint), openaiTarget()).path).toBe(path);
});

it("headers are ours, the provider's and the few that the client may send; its credential is none of them", () => {
  const call = openaiCall(ODD, { headers: { 'x-request-id': 'r-1', traceparent: '00-a-b-01', 'openai-beta': 'x=1', 'http-referer': 'theirs' } });
  const target = openaiTarget({}, { headers: { 'http-referer': 'https://example.com' } });
  expect(encodeRequest(call, target).headers).toEqual({
    'content-type': 'application/json',
    accept: 'application/json',
    authorization: 'Bearer sk-CANARY0123456789abcdef',
    'x-request-id': 'r-1',
    traceparent: '00-a-b-01',
    'openai-beta': 'x=1',
    'http-referer': 'https://example.com',
  });
});

it('a stream accepts events, and an upstream without a key gets none', () => {
  const { headers } = encodeRequest(openaiCall({ model: 'chat', stream: true }), openaiTarget({}, { apiKey: undefined }));
  expect(headers).toMatchObject({ accept: 'text/event-stream' });
  expect(headers).not.toHaveProperty('authorization');
});
