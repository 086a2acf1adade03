import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayProcess } from '../doubles/gateway-process.js';
import { chat } from './chat.js';
import { load } from './load.js';
import { openStream } from './open-stream.js';
import { childrenOf, isAlive } from './process-table.js';
import { scrape } from './scrape.js';
import { send } from './send.js';
import { twoWorkers } from './two-workers.js';
import { until } from './until.js';

const UPSTREAMS = 'mock=mock://local;short=mock://local?tps=12';

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

describe('a worker that dies', () => {
  it('is replaced, and nobody but its own callers notices', async () => {
    const gateway = await startTwo();
    const [first = 0, second = 0] = childrenOf(gateway.pid);
    // Established before: none of their connections is the dying worker's after this, so what fails is what it held.
    const running = await streams(gateway, 'short');
    await until('metrics were told', async () => (await scrape(gateway.url, 'nexus_in_flight_requests')) === 2);
    const traffic = load(gateway.url, 4, false);
    process.kill(first, 'SIGKILL');
    await until('two workers again', () => childrenOf(gateway.pid).length === 2 && !childrenOf(gateway.pid).includes(first), 8_000);
    await until('both serve', async () => (await send(`${gateway.url}/health/ready`)).status === 200);
    const ends = await Promise.allSettled(running.map(({ whole }) => whole));
    await traffic.stop();
    // Node may have handed the dying worker a connection in its last moment: those alone were cut.
    expect(traffic.failures.length).toBeLessThanOrEqual(4);
    expect(traffic.failures.filter((failure) => /^\d/.test(failure))).toEqual([]);
    expect(traffic.ended).toBeGreaterThan(20);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(isAlive(second)).toBe(true);
    expect(gateway.logs().filter((line) => line.includes('"event":"worker"'))).toHaveLength(1);
    await until('what it held is no longer counted', async () => (await scrape(gateway.url, 'nexus_in_flight_requests')) === 0, 3_000);
    expect(await gateway.stop()).toBe(0);
    expect(gateway.stderr()).not.toMatch(/^ {4}at /m);
  });

  it('is replaced with the settings in force, though the file is faulty by now', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nexus-settings-'));
    const file = join(folder, 'gateway.yaml');
    writeFileSync(file, 'rate_limit_per_minute: 0\nupstreams:\n  mock: { url: "mock://local", reply: "good" }\n');
    const gateway = await twoWorkers({ GATEWAY_CONFIG_FILE: file });
    try {
      writeFileSync(file, 'rate_limit_per_minute: 0\nupstreams:\n  mock: { url: "mock://local", reply: "good" }\nno_such_setting: 1\n');
      await until('it was refused', () => gateway.logs().some((line) => line.includes('"result":"refused"')), 5_000);
      const [first = 0] = childrenOf(gateway.pid);
      process.kill(first, 'SIGKILL');
      await until('two workers again', () => childrenOf(gateway.pid).length === 2 && !childrenOf(gateway.pid).includes(first), 5_000);
      const replaced = childrenOf(gateway.pid);
      await until(
        'the new one serves',
        async () => replaced.every((pid) => isAlive(pid)) && (await scrape(gateway.url, 'nexus_silent_workers')) === 0,
        5_000,
      );
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      if (!isAlive(gateway.pid)) throw new Error(`the gateway is gone:\n${gateway.stderr()}${gateway.logs().join('\n')}`);
      expect(childrenOf(gateway.pid)).toEqual(replaced);
      for (const { status, text } of await Promise.all(Array.from({ length: 6 }, () => chat(gateway.url))))
        expect([status, text]).toEqual([200, expect.stringContaining('"good"')]);
    } finally {
      const startedAt = performance.now();
      expect(await gateway.stop()).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
