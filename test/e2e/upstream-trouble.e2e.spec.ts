import { freePort } from '../doubles/free-port.js';
import { RefusingServer } from '../doubles/refusing-server.js';
import { TroubledGateway } from '../doubles/troubled-gateway.js';

/** Failures that another attempt may mend: the mode, what is told when nothing mends it. */
const REPEATED = [
  ...['reset', 'fin'].map((mode) => [mode, 'upstream_unreachable'] as const),
  ...[408, 425, 500, 502, 503, 504, 529].map((status) => [`status:${status}`, 'upstream_invalid_response'] as const),
  ...['empty', 'html', 'null', 'list', 'brace', 'no-choices', 'error'].map((kind) => [`rubbish:${kind}`, 'upstream_invalid_response'] as const),
  ...[301, 302, 303, 307, 308].map((status) => [`redirect:${status},canary`, 'upstream_invalid_response'] as const),
  ...['same', 'slashes', 'file'].map((where) => [`redirect:302,${where}`, 'upstream_invalid_response'] as const),
  ...['000', '099', '600', '999'].map((status) => [`raw-status:${status}`, 'upstream_invalid_response'] as const),
  ...['status:500,html', 'truncated', 'reset-after:300', 'fin-after:300', 'two-cl', 'bad-chunk', 'upgrade'].map(
    (mode) => [mode, 'upstream_invalid_response'] as const,
  ),
  ...['letters', 'nul', 'tls', 'http09', 'rtsp'].map((kind) => [`garbage:${kind}`, 'upstream_invalid_response'] as const),
  ...['header-bomb:big', 'header-bomb:many', 'informational:1000', 'encoded:gzip', 'encoded:label'].map(
    (mode) => [mode, 'upstream_invalid_response'] as const,
  ),
] as const;
/** One of each kind: behind these another upstream answers. */
const ELSEWHERE = [
  'reset',
  'fin',
  'status:503',
  'rubbish:html',
  'redirect:302,same',
  'raw-status:999',
  'truncated',
  'garbage:tls',
  'header-bomb:big',
  'upgrade',
  'hang',
  'stall-head',
  'status:401,openai-key',
  'status:403',
];
const PASSED_ON = [400, 402, 404, 405, 409, 410, 413, 415, 418, 422, 451];
const MODES = [
  ...new Set([...REPEATED.map(([mode]) => mode), ...ELSEWHERE, 'status:429,retry-after=7', 'informational:1', 'flaky:1', 'ok']),
  ...PASSED_ON.map((status) => `status:${status}`),
];

describe('an upstream in trouble', () => {
  let refusing: RefusingServer;
  let house: TroubledGateway;

  beforeAll(async () => {
    refusing = await new RefusingServer().start();
    house = await TroubledGateway.start(MODES, {
      closed: `http://127.0.0.1:${await freePort()}`,
      context_length_exceeded: refusing.base(400, 'context_length_exceeded'),
      content_filter: refusing.base(400, 'content_filter'),
      insufficient_quota: refusing.base(429, 'insufficient_quota'),
    });
  });

  afterAll(async () => {
    await house.stop();
    await refusing.stop();
  });

  it.each(REPEATED)('%s: tried once more, then %s', async (mode, code) => {
    const told = await house.tell(house.named(mode), mode);
    expect(told).toMatchObject({ status: 502, error: { code, type: 'server_error', param: null }, hits: 2 });
    expect(told.headers.get('x-should-retry')).toBe('false');
    expect(told.headers.get('x-nexus-attempts')).toBe('2');
  });

  it.each(ELSEWHERE)('%s: another upstream answers', async (mode) => {
    const told = await house.tell(house.saved(mode), mode);
    expect(told).toMatchObject({ status: 200, words: 'saved' });
    expect(told.headers.get('x-nexus-upstream')).toBe('good');
  });

  it('that is not there is unreachable, at once', async () => {
    const from = performance.now();
    expect(await house.tell('closed', '')).toMatchObject({ status: 502, error: { code: 'upstream_unreachable' } });
    expect(performance.now() - from).toBeLessThan(400);
  });

  it.each(['hang', 'stall-head'])('that is silent (%s) gets no second chance, and the setting is named', async (mode) => {
    const from = performance.now();
    const told = await house.tell(house.named(mode), mode);
    expect(told).toMatchObject({
      status: 504,
      error: { code: 'upstream_timeout', message: expect.stringContaining('GATEWAY_REQUEST_TIMEOUT_SECONDS') },
      hits: 1,
    });
    expect(performance.now() - from).toBeGreaterThanOrEqual(295);
    expect(performance.now() - from).toBeLessThan(450);
  });

  it('that limits us rests for as long as it said, and is not asked meanwhile', async () => {
    const mode = 'status:429,retry-after=7';
    const first = await house.tell(house.named(mode), mode);
    expect(first).toMatchObject({ status: 429, error: { code: 'upstream_rate_limited', type: 'rate_limit_error' }, hits: 1 });
    expect(first.headers.get('retry-after')).toBe('7');
    const second = await house.tell(house.named(mode), mode);
    expect(second).toMatchObject({ status: 429, error: { code: 'upstream_rate_limited' }, hits: 0 });
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThanOrEqual(6);
    expect(await house.gateway.metric(`nexus_circuit_state{upstream="${house.named(mode)}"}`)).toBe(0);
  });

  it.each(['status:401,openai-key', 'status:403'])('that refuses our key (%s) is no matter of the client’s key', async (mode) => {
    expect(await house.tell(house.named(mode), mode)).toMatchObject({
      status: 502,
      error: { code: 'upstream_auth_failed', type: 'server_error' },
      hits: 1,
    });
  });

  it.each(PASSED_ON)('that says %i has the last word, with its parameter', async (status) => {
    const told = await house.tell(house.saved(`status:${status}`), `status:${status}`);
    expect(told).toMatchObject({ status, error: { message: `status ${status}`, type: 'invalid_request_error', param: 'messages' }, hits: 1 });
  });

  it.each([
    ['saved-context_length_exceeded', 200, null, 1],
    ['context_length_exceeded', 400, 'context_length_exceeded', 1],
    ['saved-content_filter', 400, 'content_filter', 1],
    ['insufficient_quota', 429, 'upstream_rate_limited', 1],
    ['saved-insufficient_quota', 200, null, 1],
  ])('%s: told %i %s after %i call', async (model, status, code, calls) => {
    const before = refusing.calls;
    const told = await house.tell(model, '');
    expect(told.status).toBe(status);
    expect(told.error?.code ?? null).toBe(code);
    expect(refusing.calls - before).toBe(calls);
  });

  it.each(['informational:1', 'flaky:1', 'ok'])('%s: the answer comes', async (mode) => {
    expect(await house.tell(house.named(mode), mode)).toMatchObject({ status: 200, error: undefined });
  });

  it('and leaves nothing open', async () => {
    expect(await house.gateway.metric('nexus_in_flight_requests')).toBe(0);
    expect(house.running).toEqual([]);
  });
});
