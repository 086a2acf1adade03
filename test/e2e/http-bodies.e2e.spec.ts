import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { type RawAnswer, rawTalk } from '../doubles/raw-talk.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

const LIMIT = 20_000;
const KEY = 'Authorization: Bearer dev-key\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const CHAT = JSON.stringify({ model: 'mock', messages: [{ role: 'user', content: 'Hello' }] });
/** What would be answered with 200, should it ever be taken for a request of its own. */
const SMUGGLED = 'GET /health/live HTTP/1.1\r\nHost: gateway\r\n\r\n';
const head = (headers: string, length?: number): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\n${headers}${length === undefined ? '' : `Content-Length: ${length}\r\n`}\r\n`;

function expectRefusal(answer: RawAnswer | undefined, status: number, code: string): void {
  expect(answer?.status).toBe(status);
  expect(answer?.headers).toMatchObject({ 'content-type': 'application/json', 'x-request-id': expect.stringMatching(/^[A-Za-z0-9_-]+$/) });
  expect(JSON.parse(answer?.body ?? '')).toMatchObject({ error: { code, type: 'invalid_request_error' } });
}

describe('bodies that are not as they should be', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await runGateway({
      GATEWAY_BODY_LIMIT_BYTES: String(LIMIT),
      GATEWAY_BODY_IDLE_TIMEOUT_SECONDS: '0.3',
      GATEWAY_API_KEY_POLICIES: '{"dev-key":{"rate_limit_per_minute":0}}',
    });
  });

  afterAll(() => gateway.stop());

  it('a body announced as too large is refused before it is read', async () => {
    const talk = await rawTalk(gateway.url, head(KEY + JSON_TYPE, LIMIT + 1), { answers: 0 });
    expectRefusal(talk.last, 413, 'request_too_large');
    expect(talk.last?.headers['connection']).toBe('close');
    expect(talk.isClosed).toBe(true);
  });

  it('a body in chunks is refused once it is too large, and not read on', async () => {
    const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`;
    const talk = await rawTalk(gateway.url, [head(`${KEY}${JSON_TYPE}Transfer-Encoding: chunked\r\n`), ...Array<string>(20).fill(chunk)], {
      answers: 0,
      gapMs: 2,
    });
    expectRefusal(talk.answers[0], 413, 'request_too_large');
    expect(talk).toMatchObject({ isClosed: true, answers: { length: 1 } });
  });

  it('a body of just the limit is taken, whole or in chunks', async () => {
    const body = CHAT.replace('Hello', 'x'.repeat(LIMIT - CHAT.length + 5));
    expect(body).toHaveLength(LIMIT);
    expect((await rawTalk(gateway.url, head(KEY + JSON_TYPE, LIMIT) + body)).last?.status).toBe(200);
    const chunked = `${head(`${KEY}${JSON_TYPE}Transfer-Encoding: chunked\r\n`)}${LIMIT.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    expect((await rawTalk(gateway.url, chunked)).last?.status).toBe(200);
  });

  it.each(['gzip', 'br', 'deflate', 'zstd', 'x-gzip', 'identity, gzip', 'nonsense'])('a body in the coding %s is not decoded', async (coding) => {
    expectRefusal(
      (await rawTalk(gateway.url, head(`${KEY}${JSON_TYPE}Content-Encoding: ${coding}\r\n`, CHAT.length) + CHAT)).last,
      415,
      'unsupported_media_type',
    );
  });

  it.each([
    ['', 415],
    ['Content-Type: text/plain\r\n', 415],
    ['Content-Type: application/json garbage\r\n', 415],
    ['Content-Type: application/jsonp\r\n', 415],
    ['Content-Type: application/json;charset=utf-16\r\n', 415],
    ['Content-Type: multipart/form-data; boundary=a\r\n', 415],
    ['Content-Type: application/x-www-form-urlencoded\r\n', 415],
    ['Content-Type: application/json\r\nContent-Type: text/plain\r\n', 415],
    ['Content-Type: application/json\r\n', 200],
    ['Content-Type: application/json; charset=utf-8\r\n', 200],
    ['content-type:\tApplication/JSON ;charset="UTF-8"\r\n', 200],
    ['Content-Type: application/json\r\nContent-Encoding: identity\r\n', 200],
  ])('%j: %i', async (type, status) => {
    const { last } = await rawTalk(gateway.url, head(KEY + type, CHAT.length) + CHAT);
    if (status === 200) expect(last?.status).toBe(200);
    else expectRefusal(last, status, 'unsupported_media_type');
  });

  it('a body that stops on its way ends with its connection', async () => {
    const talk = await rawTalk(gateway.url, head(KEY + JSON_TYPE, 1_000) + '{"model":', { answers: 0 });
    expectRefusal(talk.last, 408, 'request_timeout');
    expect(talk.isClosed).toBe(true);
    expect(talk.tookMs).toBeLessThan(1_000);
  });

  it.each(['FIN', 'RST'])('a body cut by %s asks nobody anything', async (kind) => {
    const before = await gateway.metric('nexus_upstream_attempts_total{upstream="mock",outcome="ok"}');
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(head(KEY + JSON_TYPE, 1_000) + CHAT);
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (kind === 'FIN') socket.end();
    else socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 400));
    socket.destroy();
    expect(await gateway.metric('nexus_in_flight_requests')).toBe(0);
    expect(await gateway.metric('nexus_upstream_attempts_total{upstream="mock",outcome="ok"}')).toBe(before);
  });

  it.each([
    ['a stranger', JSON_TYPE, 500, 401, 'invalid_api_key'],
    ['too much', KEY + JSON_TYPE, LIMIT + 1, 413, 'request_too_large'],
    ['the wrong type', `${KEY}Content-Type: text/plain\r\n`, 500, 415, 'unsupported_media_type'],
  ])('who asks before sending is told at once: %s', async (_who, headers, length, status, code) => {
    const talk = await rawTalk(gateway.url, head(`${headers}Expect: 100-continue\r\n`, length));
    expectRefusal(talk.last, status, code);
    expect(talk.answers.map((answer) => answer.status)).toEqual([status]);
  });

  it('who asks before sending, and may, is asked to go on', async () => {
    const talk = await rawTalk(gateway.url, [head(`${KEY}${JSON_TYPE}Expect: 100-continue\r\n`, CHAT.length), CHAT], { gapMs: 50 });
    expect(talk.answers.map(({ status }) => status)).toEqual([100, 200]);
  });

  it.each([
    ['a refused stranger', head(JSON_TYPE, 60_000), 401],
    ['a body too large', head(KEY + JSON_TYPE, 60_000), 413],
    ['a wrong type', head(`${KEY}Content-Type: text/plain\r\n`, 60_000), 415],
    ['a stranger’s chunks', `${head(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`)}ffff\r\n`, 401],
    ['a method that is none', head(KEY + JSON_TYPE, 60_000).replace('POST', 'PUT'), 405],
    ['a path that is none', head(KEY + JSON_TYPE, 60_000).replace('/v1/chat', '/v1/chit'), 404],
    ['a body where none belongs', head(KEY + JSON_TYPE, 60_000).replace('POST /v1/chat/completions', 'GET /v1/models'), 200],
  ])('%s: what was sent of the body is no request of its own', async (_what, refused, status) => {
    const talk = await rawTalk(gateway.url, [refused, SMUGGLED.repeat(50), SMUGGLED.repeat(50)], { answers: 0, gapMs: 30 });
    expect(talk.answers.map((answer) => answer.status)).toEqual([status]);
    expect(talk.isClosed).toBe(true);
  });

  it('what follows a refused body is no request either', async () => {
    const before = gateway.lines.length;
    const talk = await rawTalk(gateway.url, [head(JSON_TYPE, 1_000), 'x'.repeat(500), 'x'.repeat(500) + SMUGGLED], { answers: 0, gapMs: 5 });
    expect(talk.answers.map(({ status }) => status)).toEqual([401]);
    expect(gateway.lines).toHaveLength(before + 1);
  });

  it('a refused request whose body has come whole keeps its connection', async () => {
    const talk = await rawTalk(gateway.url, head(KEY + JSON_TYPE, 1) + '{' + SMUGGLED, { answers: 2 });
    expect(talk.answers.map(({ status }) => status)).toEqual([400, 200]);
  });
});

describe('a stranger with 30 MB', () => {
  let gateway: GatewayProcess;

  beforeAll(async () => {
    gateway = await startGateway({});
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
  });

  /** Bytes that the process has read of anything, sockets among them. */
  const bytesRead = (): number => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${gateway.pid}/io`, 'utf8'))?.[1]);
  const residentKb = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]);

  it.each(['', 'Authorization: Bearer wrong\r\n'])('is answered 401, and costs hardly a byte (%j)', async (credential) => {
    await rawTalk(gateway.url, head(credential + JSON_TYPE, 2) + '{}');
    const before = { residentKb: residentKb(), bytesRead: bytesRead() };
    const piece = Buffer.alloc(1_000_000, 'x');
    const socket = connect(gateway.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => (answer += bytes.toString()));
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(head(credential + JSON_TYPE, 30_000_000));
    let accepted = 0;
    for (let count = 0; count < 30 && !socket.destroyed; count += 1) {
      if (!socket.write(piece)) await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))]);
      if (!socket.destroyed) accepted += piece.length;
    }
    socket.end();
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    // The kernel's buffers on both sides may take some megabytes; nobody reads them.
    expect(accepted).toBeLessThan(16_000_000);
    expect(bytesRead() - before.bytesRead).toBeLessThanOrEqual(1_000_000);
    expect(residentKb() - before.residentKb).toBeLessThanOrEqual(1_024);
  });
});
