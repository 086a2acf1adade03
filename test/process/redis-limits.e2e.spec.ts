import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { describeWithRedis } from '../doubles/installed-redis.js';
import { type RedisProcess, startRedis } from '../doubles/redis-process.js';
import { chat } from './chat.js';
import { scrape } from './scrape.js';
import { send } from './send.js';
import { until } from './until.js';

const LIMIT = 12;
const ROUNDS = 10;
const BACK_BAR_MS = 5_000;
/** What a call may wait for a Redis that hangs, once; and what any other may take, with room for a machine that others use too. */
const FIRST_WAIT_MS = 110;
const BUSY_MS = 150;

jest.setTimeout(30_000);

const keys = Array.from({ length: ROUNDS }, (_, round) => `key-of-round-${round}`);
const env = (redis: RedisProcess, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  GATEWAY_REDIS_URL: redis.url,
  GATEWAY_API_KEYS: ['roomy', 'outage', ...keys].join(','),
  GATEWAY_RATE_LIMIT_PER_MINUTE: String(LIMIT),
  GATEWAY_API_KEY_POLICIES: JSON.stringify({ roomy: { rate_limit_per_minute: 6_000 } }),
  GATEWAY_REPLICAS: '2',
  ...more,
});
const degraded = async ({ url }: GatewayProcess): Promise<boolean> => (await send(`${url}/health/ready`)).text.includes('rate_limit_store');
const statesOf = (gateway: GatewayProcess): (string | undefined)[] =>
  gateway
    .logs()
    .map((line) => JSON.parse(line) as { event?: string; state?: string })
    .filter(({ event }) => event === 'redis')
    .map(({ state }) => state);
const median = (values: number[]): number => values.sort((one, other) => one - other)[values.length >> 1] ?? NaN;
const inTurn = async (gateway: GatewayProcess, calls: number, key: string) => {
  const answers = [];
  for (let call = 0; call < calls; call++) answers.push(await chat(gateway.url, { key }));
  return answers;
};

describeWithRedis('two gateways on one Redis', () => {
  let redis: RedisProcess;
  let gateways: readonly [GatewayProcess, GatewayProcess];

  beforeAll(async () => {
    redis = await startRedis();
    gateways = await Promise.all([startGateway(env(redis)), startGateway(env(redis))]);
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await redis.stop();
  });

  it(`admit together exactly as many of a burst as the limit says, ${ROUNDS} times`, async () => {
    for (const key of keys) {
      const startedAt = performance.now();
      const answers = await Promise.all(Array.from({ length: LIMIT * 3 }, (_, call) => chat(gateways[call % 2 === 0 ? 0 : 1].url, { key })));
      const refilled = Math.floor(((performance.now() - startedAt) / 60_000) * LIMIT);
      const admitted = answers.filter(({ status }) => status === 200).length;
      expect(admitted).toBeGreaterThanOrEqual(LIMIT);
      expect(admitted).toBeLessThanOrEqual(LIMIT + refilled);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(LIMIT * 3 - admitted);
    }
    for (const { url } of gateways) expect(await scrape(url, 'nexus_redis_up')).toBe(1);
  });

  it('share a limit among them while Redis hangs; one call waits for it a tenth of a second, no other does', async () => {
    await inTurn(gateways[0], 5, 'roomy');
    const usualMs = median((await inTurn(gateways[0], 15, 'roomy')).map(({ tookMs }) => tookMs));
    redis.hang();
    const [first, ...others] = await inTurn(gateways[0], 30, 'roomy');
    expect(first?.status).toBe(200);
    expect(first?.tookMs).toBeLessThan(FIRST_WAIT_MS + usualMs + BUSY_MS);
    expect(others.every(({ status }) => status === 200)).toBe(true);
    const laterMs = median(others.map(({ tookMs }) => tookMs));
    process.stdout.write(`  usual ${usualMs.toFixed(1)} ms; Redis hangs: first ${first?.tookMs.toFixed(1)} ms, then ${laterMs.toFixed(1)} ms\n`);
    expect(laterMs - usualMs).toBeLessThanOrEqual(5);

    const bursts = await Promise.all(gateways.map(({ url }) => Promise.all(Array.from({ length: LIMIT * 2 }, () => chat(url, { key: 'outage' })))));
    for (const answers of bursts) {
      const admitted = answers.filter(({ status }) => status === 200).length;
      // Half of the limit each, and what a burst's own time refills.
      expect(admitted).toBeGreaterThanOrEqual(LIMIT / 2);
      expect(admitted).toBeLessThanOrEqual(LIMIT / 2 + 1);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(LIMIT * 2 - admitted);
    }
  });

  it('stay in service meanwhile, and say that they are degraded', async () => {
    for (const gateway of gateways) {
      expect(await send(`${gateway.url}/health/ready`)).toMatchObject({ status: 200 });
      expect(await degraded(gateway)).toBe(true);
      expect(JSON.parse((await send(`${gateway.url}/health`)).text)).toMatchObject({ rate_limit_store: { kind: 'redis', status: 'degraded' } });
      expect(await scrape(gateway.url, 'nexus_redis_up')).toBe(0);
    }
  });

  it('use it again within five seconds of its return, and what was taken meanwhile stays taken', async () => {
    redis.wake();
    const took = await until('both use it', async () => !(await degraded(gateways[0])) && !(await degraded(gateways[1])), BACK_BAR_MS);
    process.stdout.write(`  back ${took.toFixed(0)} ms after it woke (bar ${BACK_BAR_MS})\n`);
    const answers = await Promise.all(Array.from({ length: LIMIT * 2 }, (_, call) => chat(gateways[call % 2 === 0 ? 0 : 1].url, { key: 'outage' })));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(LIMIT / 2 + 2);
    for (const { url } of gateways) expect(await scrape(url, 'nexus_redis_up')).toBe(1);
  });

  it('go on while it is killed, and use the new one within five seconds', async () => {
    await redis.kill();
    const answers = await inTurn(gateways[1], 20, 'roomy');
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    for (const { tookMs } of answers) expect(tookMs).toBeLessThan(FIRST_WAIT_MS + BUSY_MS);
    await until('it is degraded', () => degraded(gateways[1]), 2_000);
    await redis.restart();
    const took = await until('both use it', async () => !(await degraded(gateways[0])) && !(await degraded(gateways[1])), BACK_BAR_MS);
    process.stdout.write(`  back ${took.toFixed(0)} ms after it was started anew (bar ${BACK_BAR_MS})\n`);
    for (const gateway of gateways) {
      await until('the last line is written', () => statesOf(gateway).length >= 5, 2_000);
      expect(statesOf(gateway)).toEqual(['up', 'down', 'up', 'down', 'up']);
      // One line a change, and no other that tells of it.
      expect(gateway.logs().filter((line) => line.includes('Redis'))).toHaveLength(5);
    }
  });
});

describeWithRedis('a gateway that was told what to do without Redis', () => {
  let redis: RedisProcess;

  beforeAll(async () => (redis = await startRedis()));
  afterAll(() => redis.stop());

  it('denies: 503 at once for whoever has a limit, still ready, and serves again when Redis is back', async () => {
    const gateway = await startGateway(env(redis, { GATEWAY_ON_REDIS_DOWN: 'deny' }));
    expect((await chat(gateway.url, { key: 'roomy' })).status).toBe(200);
    await redis.kill();
    await until('it is degraded', () => degraded(gateway), 2_000);
    for (const { status, text, headers, tookMs } of await inTurn(gateway, 5, 'roomy')) {
      expect(status).toBe(503);
      expect((JSON.parse(text) as { error: object }).error).toMatchObject({ type: 'server_error', code: 'rate_limit_store_unavailable' });
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(text).not.toContain(String(redis.port));
      expect(tookMs).toBeLessThan(BUSY_MS);
    }
    expect((await send(`${gateway.url}/health/ready`)).status).toBe(200);
    await redis.restart();
    await until('it serves', async () => (await chat(gateway.url, { key: 'roomy' })).status === 200, BACK_BAR_MS, 50);
    await gateway.stop();
  });

  it('allows: more than the limit', async () => {
    const gateway = await startGateway(env(redis, { GATEWAY_ON_REDIS_DOWN: 'allow' }));
    await redis.kill();
    await until('it is degraded', () => degraded(gateway), 2_000);
    const answers = await Promise.all(Array.from({ length: LIMIT * 3 }, () => chat(gateway.url, { key: 'outage' })));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    await gateway.stop();
  });

  it('starts without it, and uses it as soon as it is there', async () => {
    await redis.kill();
    const startedAt = performance.now();
    const gateway = await startGateway(env(redis));
    process.stdout.write(`  without Redis ready after ${(performance.now() - startedAt).toFixed(0)} ms\n`);
    expect((await chat(gateway.url, { key: 'roomy' })).status).toBe(200);
    expect(await degraded(gateway)).toBe(true);
    await redis.restart();
    await until('it is used', async () => !(await degraded(gateway)), BACK_BAR_MS);
    await gateway.stop();
  });
});
