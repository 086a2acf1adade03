import { TroubledGateway } from '../doubles/troubled-gateway.js';

const OPENING = ['error-event:before', 'error-event:before,vllm', 'error-event:before,named', 'no-newline', 'reset', 'fin-after:10'];
const CUT = [
  ...['reset-after:900', 'fin-after:900', 'no-finish', 'error-event:after', 'error-event:after,vllm'].map(
    (mode) => [mode, 'upstream_stream_interrupted'] as const,
  ),
  ['bad-json-event:3', 'upstream_stream_interrupted'],
  ['stall-after:5', 'upstream_timeout'],
  ['endless:5', 'upstream_timeout'],
] as const;
const DIALECTS = [
  'sse:crlf',
  'sse:cr',
  'sse:bom',
  'sse:multi',
  'sse:comments',
  'sse:no-space',
  'sse:named',
  'no-done',
  'bad-json-event:1',
  'sliced:3',
];

describe('a stream in trouble', () => {
  let house: TroubledGateway;

  beforeAll(async () => {
    house = await TroubledGateway.start([...new Set([...OPENING, ...CUT.map(([mode]) => mode), ...DIALECTS, 'silent-pings', 'big-event'])]);
  });

  afterAll(() => house.stop());

  it.each(OPENING)('that fails before any content (%s) is tried once more, then elsewhere', async (mode) => {
    expect(await house.tell(house.named(mode), mode, { stream: true })).toMatchObject({ status: 502, hits: 2 });
    expect(await house.tell(house.saved(mode), mode, { stream: true })).toMatchObject({
      status: 200,
      words: 'saved',
      isDone: true,
      error: undefined,
    });
  });

  it('of nothing but comments is given up, and goes elsewhere', async () => {
    expect(await house.tell(house.named('silent-pings'), 'silent-pings', { stream: true })).toMatchObject({
      status: 504,
      error: { code: 'upstream_timeout' },
      hits: 1,
    });
    expect(await house.tell(house.saved('silent-pings'), 'silent-pings', { stream: true })).toMatchObject({ status: 200, words: 'saved' });
  });

  it.each(CUT)('that breaks after its first words (%s) ends with %s and is not tried again', async (mode, code) => {
    const told = await house.tell(house.saved(mode), mode, { stream: true });
    expect(told).toMatchObject({ status: 200, error: { code, type: 'server_error' }, isDone: false, hits: 1 });
    expect(told.words).toMatch(/^(token0|again) /);
    expect(told.text).toMatch(/data: \{"error":[^\n]*\}\n\n$/);
  });

  it.each(DIALECTS)('in any dialect (%s) means the same', async (mode) => {
    const told = await house.tell(house.named(mode), mode, { stream: true });
    expect(told).toMatchObject({ status: 200, isDone: true, error: undefined, hits: 1 });
    expect(told.words).toMatch(/^token0 token1 token2 token3 (token4 )?(ä한🦊👩\u200d🚀)?$/);
  });

  it('takes an event of nearly the largest size', async () => {
    const told = await house.tell(house.named('big-event'), 'big-event', { stream: true });
    expect(told).toMatchObject({ status: 200, isDone: true, error: undefined });
    expect(told.words).toHaveLength(900_000 + 'token0 token1 '.length);
  });

  it('and leaves nothing open', async () => {
    expect(await house.gateway.metric('nexus_in_flight_requests')).toBe(0);
    expect(house.running).toEqual([]);
  });
});

describe('a stream that is slow to begin', () => {
  let house: TroubledGateway;

  beforeAll(async () => {
    house = await TroubledGateway.start(['hang', 'slow:200', 'status:400', 'error-event:before'], {}, { GATEWAY_SSE_PING_SECONDS: '0.04' });
  });

  afterAll(() => house.stop());

  it('is kept alive meanwhile', async () => {
    const told = await house.tell(house.named('slow:200'), 'slow:200', { stream: true });
    expect(told).toMatchObject({ status: 200, words: 'token0 token1 token2 token3 token4 ', isDone: true });
    expect(told.text.split(': ping\n\n').length).toBeGreaterThanOrEqual(3);
    expect(told.text.startsWith(': ping\n\n')).toBe(true);
    expect(told.headers.get('x-accel-buffering')).toBe('no');
    expect(told.headers.get('cache-control')).toBe('no-cache, no-transform');
  });

  it('may still be taken over by another upstream', async () => {
    expect(await house.tell(house.saved('hang'), 'hang', { stream: true })).toMatchObject({
      status: 200,
      words: 'saved',
      isDone: true,
      error: undefined,
    });
  });

  it('ends with the error as an event when none does', async () => {
    const told = await house.tell(house.named('hang'), 'hang', { stream: true });
    expect(told).toMatchObject({ status: 200, words: '', isDone: false, error: { code: 'upstream_timeout', type: 'server_error' }, hits: 1 });
    expect(told.headers.has('x-nexus-upstream')).toBe(false);
  });

  it('is refused as ever while nothing was said', async () => {
    expect(await house.tell(house.named('status:400'), 'status:400', { stream: true })).toMatchObject({ status: 400, error: { param: 'messages' } });
  });
});
