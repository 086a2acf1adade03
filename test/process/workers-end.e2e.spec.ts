import type { GatewayProcess } from '../doubles/gateway-process.js';
import { chat } from './chat.js';
import { openStream } from './open-stream.js';
import { childrenOf, isAlive } from './process-table.js';
import { send } from './send.js';
import { twoWorkers } from './two-workers.js';
import { until } from './until.js';

const UPSTREAMS = 'mock=mock://local;short=mock://local?tps=12;long=mock://local?tps=2';

jest.setTimeout(30_000);

const started: GatewayProcess[] = [];
afterEach(async () => {
  for (const gateway of started.splice(0)) await gateway.stop('SIGKILL');
});

const startTwo = async (env: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> => {
  const shared = { GATEWAY_RATE_LIMIT_PER_MINUTE: '0', GATEWAY_UPSTREAMS: UPSTREAMS, GATEWAY_DRAIN_TIMEOUT_SECONDS: '10' };
  const gateway = await twoWorkers({ ...shared, ...env });
  started.push(gateway);
  return gateway;
};

/** A stream of each worker: connections go to them in turn. */
const streams = (gateway: GatewayProcess, model: string) => Promise.all([openStream(gateway.url, { model }), openStream(gateway.url, { model })]);

describe('the end of two workers', () => {
  it('kill -9 of the process that started them leaves none of them', async () => {
    const gateway = await startTwo();
    const workers = childrenOf(gateway.pid);
    await streams(gateway, 'short');
    expect(workers).toHaveLength(2);
    expect(await gateway.stop('SIGKILL')).toBeNull();
    await until('no worker is left', () => !workers.some(isAlive), 5_000);
    expect(gateway.stderr()).not.toMatch(/^ {4}at /m);
  });

  it('SIGTERM drains both: serving on in the delay, streams of both end, exit 0, none left, no line lost', async () => {
    const gateway = await startTwo({ GATEWAY_DRAIN_DELAY_SECONDS: '1' });
    const workers = childrenOf(gateway.pid);
    const running = await streams(gateway, 'short');
    const ended = gateway.stop('SIGTERM');
    await until('readiness is 503', async () => (await send(`${gateway.url}/health/ready`)).status === 503, 1_000, 5);
    let served = 0;
    for (const startedAt = performance.now(); performance.now() - startedAt < 600; served++) {
      const { status, headers } = await chat(gateway.url);
      expect([status, headers.connection]).toEqual([200, 'close']);
    }
    for (const { whole } of running) expect((await whole).trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(await ended).toBe(0);
    await until('no worker is left', () => !workers.some(isAlive), 1_000);
    const calls = gateway.logs().filter((line) => line.includes('/chat/completions'));
    expect(calls).toHaveLength(2 + served);
    for (const line of gateway.logs()) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it('a signal to the whole group, as a terminal sends it, cuts nothing either', async () => {
    const gateway = await startTwo();
    const workers = childrenOf(gateway.pid);
    const running = await streams(gateway, 'short');
    for (const pid of workers) process.kill(pid, 'SIGINT');
    const ended = gateway.stop('SIGINT');
    for (const { whole } of running) expect((await whole).trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(await ended).toBe(0);
    expect(workers.some(isAlive)).toBe(false);
  });

  it('a second signal ends all at once', async () => {
    const gateway = await startTwo({ GATEWAY_DRAIN_TIMEOUT_SECONDS: '30' });
    const workers = childrenOf(gateway.pid);
    await streams(gateway, 'long');
    process.kill(gateway.pid, 'SIGTERM');
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
    expect(await gateway.stop('SIGTERM')).toBe(143);
    await until('no worker is left', () => !workers.some(isAlive), 1_000);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  it('streams that outlast the time-out are told, and the exit is 0', async () => {
    const gateway = await startTwo({ GATEWAY_DRAIN_TIMEOUT_SECONDS: '1' });
    const running = await streams(gateway, 'long');
    const ended = gateway.stop('SIGTERM');
    for (const { whole } of running) expect(await whole).toContain('"shutting_down"');
    expect(await ended).toBe(0);
  });
});
