import { rawToken } from '../doubles/raw-token.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { chat, type Told } from '../doubles/told.js';

const SECRET = 'a-secret-of-thirty-two-characters';
const NAMES = ['x-ratelimit-limit-requests', 'x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'];

describe('how much', () => {
  let gateway: RunningGateway;
  const keys = { burst: 12, told: 6, free: 3, spelled: 2, stream: 2, error: 2, unlimited: 0, seconds: 120, minutes: 5, defaults: undefined };

  beforeAll(async () => {
    const policies = Object.entries(keys).filter(([, limit]) => limit !== undefined);
    gateway = await runGateway({
      GATEWAY_UPSTREAMS: 'mock=mock://local;broken=mock://local?status=503;other=mock://local',
      GATEWAY_API_KEYS: Object.keys(keys).join(','),
      GATEWAY_API_KEY_POLICIES: JSON.stringify(Object.fromEntries(policies.map(([key, limit]) => [key, { rate_limit_per_minute: limit }]))),
      GATEWAY_JWT_SECRET: SECRET,
    });
  });

  afterAll(() => gateway.stop());

  const ask = (bearer: string, body = {}): Promise<Told> => chat(gateway.url, { model: 'mock', ...body }, { authorization: `Bearer ${bearer}` });
  const limits = ({ headers }: { headers: Headers }): (string | null)[] => NAMES.map((name) => headers.get(name));

  it('of a burst exactly as many are let in as the limit says', async () => {
    const told = await Promise.all(Array.from({ length: 40 }, () => ask('burst')));
    expect(told.filter(({ status }) => status === 200)).toHaveLength(12);
    expect(told.filter(({ status }) => status === 429)).toHaveLength(28);
    expect(await gateway.metric('nexus_rate_limited_total{limit="requests"}')).toBe(28);
  });

  it('every answer tells what is left, and a refusal when to come again', async () => {
    for (let left = 5; left >= 0; left -= 1) {
      const told = await ask('told');
      expect(told.status).toBe(200);
      expect(limits(told).slice(0, 2)).toEqual(['6', String(left)]);
      expect(told.headers.get('x-ratelimit-reset-requests')).toMatch(/^(?:[1-9]\d?s|1m0s)$/);
      expect(told.headers.has('retry-after')).toBe(false);
    }
    const refused = await ask('told');
    expect(refused).toMatchObject({ status: 429, error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null } });
    expect(limits(refused).slice(0, 2)).toEqual(['6', '0']);
    expect(refused.headers.get('retry-after')).toMatch(/^(?:9|10)$/);
    expect(refused.headers.get('content-type')).toBe('application/json');
  });

  it('what asks no model is free, and so is what was refused before', async () => {
    const headers = { authorization: 'Bearer free', 'content-type': 'application/json' };
    for (let call = 0; call < 10; call += 1) {
      for (const path of ['/v1/models', '/v1/models/mock', '/health', '/metrics'])
        expect((await fetch(gateway.url + path, { headers })).status).toBe(200);
      expect((await ask('free', { model: 'nobody' })).status).toBe(404);
      expect((await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body: '{' })).status).toBe(400);
      expect((await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body: '{"model":7}' })).status).toBe(400);
      expect(
        (await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers: { ...headers, 'content-type': 'text/plain' }, body: '{}' }))
          .status,
      ).toBe(415);
      expect((await fetch(`${gateway.url}/v1/chat/completions`, { headers })).status).toBe(405);
    }
    expect((await fetch(`${gateway.url}/v1/models`, { headers })).headers.has('x-ratelimit-limit-requests')).toBe(false);
    const statuses: number[] = [];
    for (let call = 0; call < 4; call += 1) statuses.push((await ask('free')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('all endpoints and models draw from one bucket', async () => {
    const headers = { authorization: 'Bearer stream', 'content-type': 'application/json' };
    expect((await ask('stream', { stream: true })).headers.get(NAMES[1] ?? '')).toBe('1');
    const embedded = await fetch(`${gateway.url}/embeddings`, { method: 'POST', headers, body: '{"model":"other","input":"a"}' });
    expect(embedded.status).toBe(200);
    expect(embedded.headers.get(NAMES[1] ?? '')).toBe('0');
    expect((await ask('stream', { stream: true, model: 'other' })).status).toBe(429);
  });

  it('a key and a subject that are spelled alike have two buckets', async () => {
    const subject = rawToken({ alg: 'HS256' }, { sub: 'spelled', exp: Math.floor(Date.now() / 1000) + 300 }, 'HS256', SECRET);
    const statuses: number[] = [];
    for (const bearer of ['spelled', 'spelled', 'spelled', subject, subject, subject]) statuses.push((await ask(bearer)).status);
    expect(statuses).toEqual([200, 200, 429, 200, 200, 429]);
  });

  it('a claim may lower a limit, and not raise it', async () => {
    const token = (sub: string, limit: number): string =>
      rawToken({ alg: 'HS256' }, { sub, exp: Math.floor(Date.now() / 1000) + 300, rate_limit_per_minute: limit }, 'HS256', SECRET);
    expect((await ask(token('minutes', 1))).headers.get(NAMES[0] ?? '')).toBe('1');
    expect((await ask(token('minutes', 1))).status).toBe(429);
    expect((await ask(token('seconds', 100_000))).headers.get(NAMES[0] ?? '')).toBe('120');
    expect((await ask(token('seconds', 0))).headers.get(NAMES[0] ?? '')).toBe('120');
  });

  it('who has no limit is told of none; who has no policy has the default', async () => {
    for (let call = 0; call < 100; call += 1) expect(limits(await ask('unlimited'))).toEqual([null, null, null]);
    expect(limits(await ask('defaults')).slice(0, 2)).toEqual(['60', '59']);
  });

  it('a refusal of an upstream’s is charged and tells the limits like any answer', async () => {
    const told = await ask('error', { model: 'broken' });
    expect(told.status).toBe(502);
    expect(limits(told).slice(0, 2)).toEqual(['2', '1']);
  });

  it('what was used comes back with time, call by call', async () => {
    const used = await Promise.all(Array.from({ length: 120 }, () => ask('seconds')));
    expect(used.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(118);
    while ((await ask('seconds')).status === 200);
    const from = performance.now();
    while ((await ask('seconds')).status === 429 && performance.now() - from < 3_000) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(performance.now() - from).toBeLessThan(1_500);
  });
});
