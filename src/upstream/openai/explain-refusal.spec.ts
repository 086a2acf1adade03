import { openaiTarget } from '../../../test/doubles/openai-call.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders } from '../upstream-transport.js';
import { OpenaiAdapter } from './openai-adapter.js';

const KEY = 'sk-CANARY0123456789abcdef';
const explain = (status: number, body: unknown = '', headers: UpstreamHeaders = {}): UpstreamFailure =>
  new OpenaiAdapter().explain(openaiTarget(), status, headers, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
const error = (part: object): object => ({ error: { message: 'words', type: 'invalid_request_error', param: null, code: null, ...part } });
const shown = (failure: UpstreamFailure): object | undefined => failure.details.body?.error;

it.each([
  [401, 'auth'],
  [403, 'auth'],
  [408, 'server_error'],
  [425, 'server_error'],
  [429, 'rate_limited'],
  [500, 'server_error'],
  [503, 'server_error'],
  [529, 'server_error'],
  [599, 'server_error'],
  [300, 'invalid'],
  [302, 'invalid'],
  [399, 'invalid'],
  [100, 'invalid'],
  [600, 'invalid'],
  [999, 'invalid'],
  [400, 'rejected'],
  [402, 'rejected'],
  [404, 'rejected'],
  [405, 'rejected'],
  [409, 'rejected'],
  [413, 'rejected'],
  [418, 'rejected'],
  [422, 'rejected'],
  [451, 'rejected'],
  [499, 'rejected'],
] as const)('a %d is %s', (status, kind) => {
  for (const body of ['', error({}), '<html><h1>no</h1></html>', '{', error({ message: 'x', code: status })]) {
    const failure = explain(status, body);
    expect(failure.kind).toBe(kind);
    expect(failure.details.status).toBe(status);
    expect(failure.details.body === undefined).toBe(kind !== 'rejected');
    expect(failure.message).toMatch(/\w/);
  }
});

it.each([
  ['code', error({ code: 'insufficient_quota' })],
  ['type', error({ type: 'insufficient_quota' })],
])('a 429 is a used-up quota when its %s says so', (_name, body) => {
  expect(explain(429, body).kind).toBe('quota_exhausted');
});

it.each([
  [
    'OpenAI',
    error({ param: 'messages[1].content', code: 'unsupported_value' }),
    { message: 'words', param: 'messages[1].content', code: 'unsupported_value' },
  ],
  ['a number for a code', error({ code: 400, type: 'BadRequestError' }), { message: 'words', type: 'BadRequestError', code: '400' }],
  ['no type', { error: { message: 'words' } }, { message: 'words', type: 'invalid_request_error', param: null, code: null }],
  ['a type that is the word None', error({ type: 'None' }), { type: 'invalid_request_error' }],
  [
    'an error that is a text',
    { code: 'Client specified an invalid argument', error: 'words' },
    { message: 'words', code: 'Client specified an invalid argument' },
  ],
  ['a text with a type beside it', { error: 'words', error_type: 'template_error' }, { message: 'words', type: 'template_error' }],
  [
    'a flat object',
    { object: 'error', message: 'words', type: 'BadRequestError', param: 'n', code: 400 },
    { message: 'words', param: 'n', code: '400' },
  ],
  ['a bare message', { id: 'x', message: 'words' }, { message: 'words' }],
  ['a detail', { detail: 'words' }, { message: 'words' }],
  [
    'a list of details',
    {
      detail: [
        { loc: ['body', 'messages', 0, 'role'], msg: 'Field required', type: 'missing', input: 'SECRET PROMPT' },
        { loc: ['body', 'n'], msg: 'too small' },
      ],
    },
    { message: 'messages[0].role: Field required; n: too small', param: 'messages[0].role' },
  ],
  ['a detail that is an object', { detail: { message: 'words', code: 'c' } }, { message: 'words', code: 'c' }],
  ['a list', [{ error: { message: 'words', code: 400, status: 'INVALID_ARGUMENT' } }], { message: 'words', type: 'INVALID_ARGUMENT', code: '400' }],
  ['errors', { success: false, errors: [{ code: 7, message: 'words' }] }, { message: 'words', code: '7' }],
  ['a JSON text', '"words"', { message: 'words' }],
  ['a line of plain text', '404 page not found\n', { message: '404 page not found' }],
  [
    'a router around a provider',
    {
      error: { code: 400, message: 'Provider returned error', metadata: { provider_name: 'P', raw: '{"error":{"message":"words"}}' } },
      user_id: 'u',
    },
    { message: 'words', code: '400' },
  ],
  ['a router around a text', { error: { code: 400, message: 'Provider returned error', metadata: { raw: 'words' } } }, { message: 'words' }],
])('%s: the words, param and code are kept in the shape of OpenAI', (_name, body, expected) => {
  const failure = explain(400, body);
  expect(failure.kind).toBe('rejected');
  expect(shown(failure)).toMatchObject(expected);
  expect(failure.message).toBe(failure.details.body?.error.message);
  expect(JSON.stringify(shown(failure))).not.toContain('SECRET');
  expect(Object.keys(shown(failure) ?? {}).toSorted()).toEqual(['code', 'message', 'param', 'type']);
});

it.each([
  ['a page', '<!DOCTYPE html><html><body><h1>Bad Request</h1></body></html>'],
  ['a page in JSON', { error: '<html><body>nginx/1.22</body></html>' }],
  ['a stack', { detail: 'Traceback (most recent call last):\n  File "/app/server.py", line 3' }],
  ['a stack of Node', error({ message: 'TypeError: x\n    at handler (/srv/app/index.js:3:4)' })],
  ['several lines of text', 'upstream connect error\nreset reason: /var/run/x.sock'],
  ['half of a JSON', '{"error":{"message":"wor'],
  ['numbers', '12345'],
  ['nothing', ''],
  ['bytes', '\u0000\u0001'],
  ['an empty object', {}],
])('%s is not shown', (_name, body) => {
  expect(shown(explain(404, body))).toEqual({
    message: 'The upstream refused the request with status 404 and gave no reason that can be shown.',
    type: 'invalid_request_error',
    param: null,
    code: null,
  });
});

it('bytes that are no UTF-8, and endless words, come out as words of a decent length', () => {
  expect(new OpenaiAdapter().explain(openaiTarget(), 400, {}, Buffer.from([0xff, 0xfe, 0x41])).message).toMatch(/^The upstream refused/);
  expect(explain(400, error({ message: 'word '.repeat(12_000) })).message.length).toBeLessThan(4_100);
});

it.each([
  error({ code: 'context_length_exceeded', message: 'x' }),
  error({ message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", code: 400 }),
  error({
    message: "You passed 1015 input tokens and requested 10 output tokens. However, the model's context length is only 1024 tokens",
    code: 400,
  }),
  error({
    message: 'request (2009 tokens) exceeds the available context size (512 tokens), try increasing it',
    type: 'exceed_context_size_error',
    code: 400,
  }),
  error({ message: 'The total length of all messages is too long.', type: 'too_many_prompt_tokens', code: 400 }),
  error({ message: 'prompt is too long: 210000 tokens > 200000 maximum' }),
  { detail: 'Input is too long for requested model.' },
  error({ message: 'prompt too long; exceeded max context length by 1904 tokens' }),
  { error: 'Input validation error: inputs must have less than 1024 tokens. Given: 4000' },
  { object: 'error', message: 'Please reduce the length of the messages or completion.', type: 'BadRequestError', code: 400 },
])('%j is a prompt too long for this model', (body) => {
  const failure = explain(400, body);
  expect(failure.kind).toBe('context_length');
  expect(failure.details.status).toBe(400);
  expect(shown(failure)).toMatchObject({ code: 'context_length_exceeded' });
});

it.each([
  ['Azure', 400, error({ code: 'content_filter', param: 'prompt', type: null, innererror: { code: 'ResponsibleAIPolicyViolation' } })],
  ['its inner error alone', 400, error({ code: '400', innererror: { code: 'ResponsibleAIPolicyViolation' } })],
  ['OpenAI', 400, error({ code: 'content_policy_violation' })],
  ['a router', 403, error({ code: 403, message: 'Your input was flagged', metadata: { reasons: ['violence'], flagged_input: 'SECRET' } })],
  [
    'a provider behind a router',
    403,
    { error: { code: 403, message: 'Provider returned error', metadata: { raw: '{"error":"Content violates usage guidelines."}' } } },
  ],
])("a content filter of %s is the client's answer, not a reason to go elsewhere", (_name, status, body) => {
  const failure = explain(status, body);
  expect(failure.kind).toBe('rejected');
  expect(failure.details.status).toBe(status);
  expect(JSON.stringify(shown(failure))).not.toContain('SECRET');
});

it.each([
  { code: 'x', error: `Incorrect API key provided: sk-CA***cdef. You can obtain an API key from the console.` },
  { error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' } },
])('a 400 that means our key is about our key: %j', (body) => {
  expect(explain(400, body).kind).toBe('auth');
});

it.each([400, 401, 403, 404, 422, 429, 500])('the key is in nothing that comes of a %d', (status) => {
  for (const body of [
    error({ message: `Bad key ${KEY}`, param: KEY, code: `key ${KEY}`, type: KEY }),
    { detail: `Authorization: Bearer ${KEY}` },
    `no access for ${KEY}`,
    error({ message: `Incorrect: sk-CANA*****cdef` }),
  ]) {
    const failure = explain(status, body);
    const told = JSON.stringify([failure.message, failure.details.body, failure.details.rawBody?.toString('utf8')]);
    expect(told).not.toMatch(/CANA|9abcdef|cdef/);
    expect(failure.details.rawBody?.length).toBeGreaterThan(5);
  }
});

it('our sentences name no host and show no words of the provider', () => {
  for (const status of [302, 401, 429, 500]) expect(explain(status, error({ message: 'db01.internal:5432' })).message).not.toMatch(/internal|127\.0/);
});

it('what the provider asks to wait is kept', () => {
  expect(explain(429, '', { 'retry-after': '7' }).details.retryAfterMs).toBe(7_000);
  expect(explain(503, '', { 'retry-after-ms': '250' }).details.retryAfterMs).toBe(250);
  expect(explain(429).details.retryAfterMs).toBeUndefined();
});

it('the body is kept byte for byte for those who pass it through', () => {
  const body = Buffer.from([0xff, 0x00, 0x41, 0xc3, 0xa9]);
  expect(new OpenaiAdapter().explain(openaiTarget(), 500, {}, body).details.rawBody).toEqual(body);
});
