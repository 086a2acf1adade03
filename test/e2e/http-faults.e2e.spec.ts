import { type RawAnswer, rawTalk } from '../doubles/raw-talk.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

const KEY = 'Authorization: Bearer dev-key\r\n';
const CHAT = JSON.stringify({ model: 'mock', messages: [{ role: 'user', content: 'Hello' }] });
const get = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\nHost: gateway\r\n${more}\r\n`;
const post = (body: string, more = '', version = '1.1'): string =>
  `POST /v1/chat/completions HTTP/${version}\r\nHost: gateway\r\nContent-Type: application/json\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunked = (coding: string): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n${KEY}Transfer-Encoding: ${coding}\r\n\r\n${Buffer.byteLength(CHAT).toString(16)}\r\n${CHAT}\r\n0\r\n\r\n`;

function expectRefusal(answer: RawAnswer | undefined, status: number, code: string): void {
  expect({ status: answer?.status, type: answer?.headers['content-type'] }).toEqual({ status, type: 'application/json' });
  expect(answer?.headers['x-request-id']).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
  const { error } = JSON.parse(answer?.body ?? '') as { error: Record<string, unknown> };
  expect(Object.keys(error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
  expect(error).toMatchObject({ code, type: 'invalid_request_error', message: expect.stringMatching(/^[A-Z].*\.$/s) });
  for (const name of ['server', 'x-powered-by', 'access-control-allow-origin', 'set-cookie']) expect(answer?.headers).not.toHaveProperty(name);
}

describe('HTTP that is not as it should be', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await runGateway({ GATEWAY_HEADER_TIMEOUT_SECONDS: '0.4', GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}' });
  });

  afterAll(() => gateway.stop());

  it.each<[string, string, number, string]>([
    ['a path that cannot be decoded', get('/%zz'), 400, 'malformed_request'],
    ['no such path', get('/nothing', KEY), 404, 'unknown_url'],
    ['a path of ten thousand characters', get(`/v1/${'a'.repeat(10_000)}`, KEY), 404, 'unknown_url'],
    ['no Host', 'GET /health/live HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
    ['two Hosts', 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400, 'malformed_request'],
    ...['a b', 'a/../x', 'foo?', 'foo/livez?x=', 'a#', 'a@b', 'a'.repeat(300), '[::1', 'a:b', ''].map(
      (host) =>
        [`the Host "${host.slice(0, 20)}"`, `GET /health/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'malformed_request'] as [
          string,
          string,
          number,
          string,
        ],
    ),
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'malformed_request'],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed_request'],
    ['a header without a colon', get('/health/live', 'Oops\r\n'), 400, 'malformed_request'],
    ['a header with a NUL', get('/health/live', 'X-Odd: a\0b\r\n'), 400, 'malformed_request'],
    ['a length that is none', post('', 'Content-Length: many\r\n'), 400, 'malformed_request'],
    ['two lengths', post(CHAT, 'Content-Length: 3\r\n'), 400, 'malformed_request'],
    ['a length beside chunks', post(CHAT, 'Transfer-Encoding: chunked\r\n'), 400, 'malformed_request'],
    [
      'a coding that is not chunked',
      `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n${CHAT}`,
      400,
      'malformed_request',
    ],
    ...['gzip, chunked', 'gzip,chunked', 'identity, chunked', 'gzip\r\nTransfer-Encoding: chunked'].map(
      (coding) => [`the coding ${JSON.stringify(coding)}`, chunked(coding), 501, 'transfer_coding_unsupported'] as [string, string, number, string],
    ),
    ['HTTP/2 straight away', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed_request'],
    ['20 KB of one header', get('/health/live', `X-Big: ${'a'.repeat(20_000)}\r\n`), 431, 'headers_too_large'],
    ['1,500 headers', get('/health/live', Array.from({ length: 1_500 }, (_, index) => `X-Many-${index}: 1\r\n`).join('')), 431, 'headers_too_large'],
    ['an expectation nobody knows', post(CHAT, `${KEY}Expect: 200-ok\r\n`), 417, 'expectation_failed'],
    ['OPTIONS of everything', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed_request'],
  ])('%s is refused in the one shape', async (_what, said, status, code) => {
    expectRefusal((await rawTalk(gateway.url, said)).last, status, code);
  });

  it.each([
    ['PUT', '/v1/chat/completions', 'POST'],
    ['GET', '/v1/chat/completions', 'POST'],
    ['GET', '/embeddings', 'POST'],
    ['TRACE', '/v1/chat/completions', 'POST'],
    ['OPTIONS', '/v1/completions', 'POST'],
    ['POST', '/v1/models', 'GET, HEAD'],
    ['DELETE', '/v1/models/mock', 'GET, HEAD'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['DELETE', '/metrics', 'GET, HEAD'],
  ])('%s %s: what it may be is told', async (method, path, allow) => {
    const { last } = await rawTalk(gateway.url, `${method} ${path} HTTP/1.1\r\nHost: gateway\r\n${KEY}\r\n`);
    expectRefusal(last, 405, 'method_not_allowed');
    expect(last?.headers['allow']).toBe(allow);
  });

  it.each(['chunked', 'Chunked', 'CHUNKED', ' chunked '])('chunks are taken where the header says %j', async (coding) => {
    const talk = await rawTalk(gateway.url, chunked(coding));
    expect(talk.last?.status).toBe(200);
    expect(talk.last?.headers['connection']).not.toBe('close');
  });

  it('a coding that is not understood ends its connection, whatever is asked: nothing after it is a request', async () => {
    for (const said of [chunked('gzip, chunked'), chunked('gzip, chunked').replace('POST /v1/chat/completions', 'GET /health/live')]) {
      const talk = await rawTalk(gateway.url, said + get('/health/live'), { answers: 0 });
      expect(talk.answers.map(({ status }) => status)).toEqual([501]);
      expect(talk.last?.headers['connection']).toBe('close');
      expect(talk.isClosed).toBe(true);
    }
  });

  it('a WebSocket is refused with the status at which Codex goes on by HTTP', async () => {
    const asked = `${KEY}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n`;
    const { last, isClosed } = await rawTalk(gateway.url, get('/v1/responses', asked));
    expectRefusal(last, 426, 'websocket_unsupported');
    expect([last?.headers['upgrade'], isClosed]).toEqual(['HTTP/1.1', true]);
    expect((await rawTalk(gateway.url, get('/v1/models', asked))).last?.status).toBe(200);
  });

  it('CONNECT is no way through', async () => {
    const { last, isClosed } = await rawTalk(gateway.url, `CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n${KEY}\r\n`);
    expectRefusal(last, 405, 'method_not_allowed');
    expect(last?.headers).toHaveProperty('allow');
    expect(isClosed).toBe(true);
  });

  it('a target with another host in it is judged by its path alone', async () => {
    expect((await rawTalk(gateway.url, get('http://evil.example/v1/models', KEY))).last?.status).toBe(200);
    expectRefusal((await rawTalk(gateway.url, get('http://evil.example/v1/models'))).last, 401, 'invalid_api_key');
    expectRefusal((await rawTalk(gateway.url, get('http://evil.example'))).last, 400, 'malformed_request');
  });

  it('HTTP/1.0 is served, a stream ending with its connection', async () => {
    expect((await rawTalk(gateway.url, 'GET /health/live HTTP/1.0\r\n\r\n')).last?.status).toBe(200);
    expect((await rawTalk(gateway.url, post(CHAT, KEY, '1.0'), { answers: 0 })).last?.status).toBe(200);
    const stream = await rawTalk(gateway.url, post(CHAT.replace('{', '{"stream":true,'), KEY, '1.0'), { answers: 0 });
    expect(stream).toMatchObject({ isClosed: true, last: { status: 200, body: expect.stringMatching(/^data: \{.*\n\ndata: \[DONE\]\n\n$/s) } });
    expect(stream.last?.headers).not.toHaveProperty('transfer-encoding');
  });

  it.each([
    ['a WebSocket', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n'],
    ['HTTP/2', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'],
  ])('an upgrade to %s does not happen', async (_what, headers) => {
    const { answers } = await rawTalk(gateway.url, [get('/v1/models', headers), 'bytes of another protocol']);
    expect(answers[0]?.status).toBe(401);
    expect(answers.map(({ status }) => status)).not.toContain(101);
    expect(answers.map(({ status }) => status)).not.toContain(200);
  });

  it('HEAD answers as GET would, without the body', async () => {
    for (const path of ['/health/live', '/v1/models', '/metrics']) {
      const [head, whole] = await Promise.all([
        rawTalk(gateway.url, get(path, KEY).replace('GET', 'HEAD'), { isHead: true }),
        rawTalk(gateway.url, get(path, KEY)),
      ]);
      expect(head.answers).toHaveLength(1);
      expect(head.last).toMatchObject({ status: 200, body: '', headers: { 'content-type': whole.last?.headers['content-type'] } });
    }
    expect((await rawTalk(gateway.url, get('/nothing').replace('GET', 'HEAD'), { isHead: true })).answers).toMatchObject([{ status: 404 }]);
  });

  it.each([
    '//v1/models',
    '/v1//models',
    '/v1/models/',
    '/v1/models//',
    '/v1/%6dodels',
    '/%76%31/models',
    '/v1/../v1/models',
    '/v1/%2e%2e/v1/models',
    '/V1/models',
    '/v1/MODELS',
    '/v1/models;a',
    '/v1/models%00',
    '/v1\\models',
    '/v1/models%2f',
    '/health/live/..%2f..%2fv1%2fmodels',
    '/docs/../v1/models',
    '/docs/%2e%2e/v1/models',
    '/metrics/../v1/models',
    '/health/live;/../../v1/models',
    '/.%2fv1/models',
    '/v1/models?x=/health/live',
  ])('%s is the same route with the same door, or none', async (path) => {
    const without = (await rawTalk(gateway.url, get(path))).last;
    const withKey = (await rawTalk(gateway.url, get(path, KEY))).last;
    if (withKey?.status === 200) expectRefusal(without, 401, 'invalid_api_key');
    else expect([400, 401, 404]).toContain(without?.status);
    expect(without?.body).not.toContain('"mock"');
  });

  it.each(['/v1/%63hat/completions', '/%76%31/chat/completions', '/%63hat/completions', '/v1/chat/completions#x', '/v1/chat/completions#?x'])(
    '%s is the same call, with the same door',
    async (path) => {
      const body = JSON.stringify({ model: 'mock', messages: [{ role: 'user', content: 'hi' }] });
      const post = (headers: string) =>
        `POST ${path} HTTP/1.1\r\nHost: gateway\r\n${headers}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      expect((await rawTalk(gateway.url, post(KEY))).last).toMatchObject({ status: 200, headers: { 'x-nexus-upstream': 'mock' } });
      expectRefusal((await rawTalk(gateway.url, post(''))).last, 401, 'invalid_api_key');
      expectRefusal((await rawTalk(gateway.url, get(path, KEY))).last, 405, 'method_not_allowed');
    },
  );

  it('headers that rewrite a URL elsewhere mean nothing here', async () => {
    const tricks = ['X-HTTP-Method-Override: GET', 'X-Original-URL: /health/live', 'X-Rewrite-URL: /health/live', 'X-Forwarded-Prefix: /health'];
    expectRefusal((await rawTalk(gateway.url, get('/v1/models', `${tricks.join('\r\n')}\r\n`))).last, 401, 'invalid_api_key');
  });

  it.each([
    ['says nothing', ['']],
    ['begins a request and stops', ['GET /health/live HTTP/1.1\r\nHost: gateway\r\n']],
    ['says one header after the other', [get('/health/live').slice(0, -2), ...Array.from({ length: 20 }, (_, index) => `X-${index}: 1\r\n`)]],
  ])('who %s is told so and let go', async (_who, pieces) => {
    const talk = await rawTalk(gateway.url, pieces, { answers: 0, gapMs: 100 });
    expectRefusal(talk.last, 408, 'request_timeout');
    expect(talk.isClosed).toBe(true);
    expect(talk.tookMs).toBeGreaterThanOrEqual(380);
    expect(talk.tookMs).toBeLessThan(1_500);
  });

  it('headers without end are refused while they still come, once', async () => {
    const pieces = [get('/health/live').slice(0, -2), ...Array<string>(30).fill(`X-Big: ${'a'.repeat(10_000)}\r\n`)];
    const talk = await rawTalk(gateway.url, pieces, { answers: 0, gapMs: 5 });
    expect(talk.answers).toHaveLength(1);
    expectRefusal(talk.last, 431, 'headers_too_large');
    expect(talk.isClosed).toBe(true);
  });

  it('answers a hundred requests said at once, in their order', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `order-${index}`);
    const { answers } = await rawTalk(gateway.url, ids.map((id) => get('/v1/models', `${KEY}X-Request-Id: ${id}\r\n`)).join(''), { answers: 100 });
    expect(answers.map(({ headers }) => headers['x-request-id'])).toEqual(ids);
  });
});
