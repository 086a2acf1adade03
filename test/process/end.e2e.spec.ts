import { Agent } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../doubles/free-port.js';
import { startGateway } from '../doubles/gateway-process.js';
import { describeWithRedis } from '../doubles/installed-redis.js';
import { startRedis } from '../doubles/redis-process.js';
import { chat } from './chat.js';
import { endedGateway } from './ended-process.js';
import { openStream } from './open-stream.js';
import { childrenOf, isAlive } from './process-table.js';
import { send } from './send.js';
import { until } from './until.js';

/** `short` streams for about two seconds, `long` for longer than anybody waits here. */
const UPSTREAMS = 'short=mock://local?tps=12;long=mock://local?tps=2;slow=mock://local?ttft=1s;quick=mock://local';

jest.setTimeout(30_000);

describe('SIGTERM', () => {
  it('says so to the readiness probe at once, serves on through the delay, lets streams end, and exits 0', async () => {
    const gateway = await startGateway({
      GATEWAY_UPSTREAMS: UPSTREAMS,
      GATEWAY_DRAIN_DELAY_SECONDS: '1',
      GATEWAY_DRAIN_TIMEOUT_SECONDS: '10',
      GATEWAY_RATE_LIMIT_PER_MINUTE: '0',
    });
    const streams = await Promise.all(Array.from({ length: 5 }, () => openStream(gateway.url, { model: 'short' })));
    const slow = chat(gateway.url, { model: 'slow' });
    const keepAlive = new Agent({ keepAlive: true });
    expect((await chat(gateway.url, { model: 'quick', agent: keepAlive })).headers.connection).toBe('keep-alive');

    const signalledAt = performance.now();
    const ended = gateway.stop('SIGTERM');
    const readiness = await until('readiness is 503', async () => (await send(`${gateway.url}/health/ready`)).status === 503, 1_000, 5);
    expect(readiness).toBeLessThan(500);
    expect((await send(`${gateway.url}/health/live`)).status).toBe(200);

    let served = 0;
    for (let last = performance.now() - signalledAt; last < 700; last = performance.now() - signalledAt) {
      const [fresh, reused] = await Promise.all([chat(gateway.url, { model: 'quick' }), chat(gateway.url, { model: 'quick', agent: keepAlive })]);
      expect([fresh.status, reused.status, fresh.headers.connection, reused.headers.connection]).toEqual([200, 200, 'close', 'close']);
      served += 2;
    }
    expect(served).toBeGreaterThan(2);

    await until(
      'nobody listens any more',
      () =>
        send(`${gateway.url}/health/live`).then(
          () => false,
          ({ code }: NodeJS.ErrnoException) => code === 'ECONNREFUSED',
        ),
      3_000,
    );
    for (const text of await Promise.all(streams.map(({ whole }) => whole))) {
      expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
      expect(text).not.toContain('"error"');
    }
    expect((await slow).status).toBe(200);
    expect(await ended).toBe(0);
    keepAlive.destroy();

    // No line is lost: one for every call, those that ended last included.
    const calls = gateway
      .logs()
      .map((line) => JSON.parse(line) as { path?: string; model?: string; status?: number })
      .filter(({ path }) => path === '/v1/chat/completions');
    expect(calls.filter(({ model }) => model === 'short')).toHaveLength(5);
    expect(calls).toHaveLength(5 + 1 + 1 + served);
    expect(calls.every(({ status }) => status === 200)).toBe(true);
  });

  it('tells streams that outlast the time-out that it is shutting down, and exits 0', async () => {
    const gateway = await startGateway({ GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_DRAIN_TIMEOUT_SECONDS: '1' });
    const stream = await openStream(gateway.url, { model: 'long' });
    const startedAt = performance.now();
    const ended = gateway.stop('SIGTERM');
    const text = await stream.whole;
    expect(await ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    const last = text.trimEnd().split('\n\n').at(-1) ?? '';
    expect((JSON.parse(last.replace(/^data: /, '')) as { error: { code: string } }).error).toMatchObject({
      type: 'server_error',
      code: 'shutting_down',
    });
    expect(text).not.toContain('[DONE]');
    expect(gateway.logs().some((line) => line.includes('"error_code":"shutting_down"'))).toBe(true);
  });

  it('is not held up by connections that ask for nothing', async () => {
    const gateway = await startGateway({ GATEWAY_DRAIN_TIMEOUT_SECONDS: '20' });
    const keepAlive = new Agent({ keepAlive: true });
    await Promise.all(Array.from({ length: 20 }, () => send(`${gateway.url}/health/live`, { agent: keepAlive })));
    const silent = connect(gateway.port, '127.0.0.1');
    await once(silent, 'connect');
    silent.on('error', () => undefined);
    const startedAt = performance.now();
    expect(await gateway.stop('SIGTERM')).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    keepAlive.destroy();
    silent.destroy();
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('a second time (%s) ends at once', async (signal, code) => {
    const gateway = await startGateway({ GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_DRAIN_TIMEOUT_SECONDS: '30' });
    const stream = await openStream(gateway.url, { model: 'long' });
    const cut = stream.whole.then(
      () => false,
      () => true,
    );
    process.kill(gateway.pid, signal);
    await until(
      'it drains',
      async () =>
        await send(`${gateway.url}/health/ready`).then(
          ({ status }) => status === 503,
          () => true,
        ),
      5_000,
    );
    const startedAt = performance.now();
    expect(await gateway.stop(signal)).toBe(code);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await cut).toBe(true);
  });

  it.each(['1', '2'])('ends a gateway that is still starting (%s workers) and leaves no worker', async (workers) => {
    for (const afterMs of [30, 300, 700]) {
      const port = await freePort();
      const pids: number[] = [];
      const ended = await endedGateway({ GATEWAY_PORT: String(port), GATEWAY_WORKERS: workers }, (pid) => {
        setTimeout(() => {
          pids.push(pid, ...childrenOf(pid));
          process.kill(pid, 'SIGTERM');
        }, afterMs);
      });
      // Before it could listen for signals the system ends it.
      expect([0, 143, 'SIGTERM']).toContain(ended.signal ?? ended.code);
      expect(ended.tookMs).toBeLessThan(afterMs + 4_000);
      expect(ended.stderr).not.toMatch(/^ {4}at /m);
      await until('no worker is left', () => !pids.some(isAlive), 4_000);
    }
  });
});

describeWithRedis('SIGTERM while Redis hangs', () => {
  it('ends in time and exits 0', async () => {
    const redis = await startRedis();
    const gateway = await startGateway({ GATEWAY_REDIS_URL: redis.url, GATEWAY_DRAIN_TIMEOUT_SECONDS: '2' });
    try {
      expect((await chat(gateway.url)).status).toBe(200);
      redis.hang();
      const late = chat(gateway.url);
      await wait(20);
      const startedAt = performance.now();
      expect(await gateway.stop('SIGTERM')).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      expect((await late).status).toBe(200);
    } finally {
      await redis.stop();
    }
  });
});

it('SIGHUP without a settings file ends it like SIGTERM', async () => {
  const gateway = await startGateway({ GATEWAY_UPSTREAMS: UPSTREAMS });
  const stream = await openStream(gateway.url, { model: 'short' });
  expect(await gateway.stop('SIGHUP')).toBe(0);
  expect((await stream.whole).trimEnd().endsWith('data: [DONE]')).toBe(true);
});
