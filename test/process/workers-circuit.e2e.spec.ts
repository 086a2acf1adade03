import { setTimeout as wait } from 'node:timers/promises';
import type { GatewayProcess } from '../doubles/gateway-process.js';
import { chat } from './chat.js';
import { childrenOf } from './process-table.js';
import { scrape } from './scrape.js';
import { SwitchedUpstream } from './switched-upstream.js';
import { twoWorkers } from './two-workers.js';
import { until } from './until.js';

const FAILURES = 6;
const RESET_MS = 1_500;
/** New connections go to the workers in turn: so many meet both, several times. */
const SEVERAL = 16;

jest.setTimeout(30_000);

describe('a circuit of two workers', () => {
  let upstream: SwitchedUpstream;
  let gateway: GatewayProcess;
  const call = () => chat(gateway.url, { model: 'moody' });
  const several = () => Promise.all(Array.from({ length: SEVERAL }, call));

  beforeAll(async () => {
    upstream = await SwitchedUpstream.start();
    gateway = await twoWorkers({
      GATEWAY_RATE_LIMIT_PER_MINUTE: '0',
      GATEWAY_UPSTREAMS: `moody=${upstream.base}`,
      GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: String(FAILURES),
      GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: String(RESET_MS / 1000),
      GATEWAY_MAX_ATTEMPTS: '1',
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await upstream.close();
  });

  it('opens in both within 100 ms by failures that were spread over both, and not before', async () => {
    expect(childrenOf(gateway.pid)).toHaveLength(2);
    upstream.isIll = true;
    for (let failure = 1; failure <= FAILURES; failure++) {
      expect((await call()).status).toBe(502);
      // Each verdict is told before the next call, which meets the other worker.
      await wait(20);
    }
    expect(upstream.calls).toBe(FAILURES);
    await wait(80);
    const answers = await several();
    for (const { status, headers, text } of answers) {
      expect([status, text]).toEqual([503, expect.stringContaining('circuit_open')]);
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    expect(upstream.calls).toBe(FAILURES);
    expect(await scrape(gateway.url, 'nexus_circuit_opened_total', 'upstream="moody"')).toBe(1);
    expect(await scrape(gateway.url, 'nexus_circuit_state', 'upstream="moody"')).toBe(2);
  });

  it('sends one probe in all; the others are turned away meanwhile; its failure keeps both open', async () => {
    await wait(RESET_MS + 50);
    const before = upstream.calls;
    upstream.delayMs = 400;
    const answers = await several();
    expect(upstream.calls).toBe(before + 1);
    expect(answers.filter(({ text }) => text.includes('circuit_open'))).toHaveLength(SEVERAL - 1);
    for (const { status, text } of await several()) expect([status, text]).toEqual([503, expect.stringContaining('circuit_open')]);
    expect(upstream.calls).toBe(before + 1);
  });

  it('closes in both when the probe is answered', async () => {
    upstream.isIll = false;
    upstream.delayMs = 0;
    await wait(RESET_MS + 50);
    const before = upstream.calls;
    await until('a probe went well', async () => (await call()).status === 200, 5_000, 20);
    expect(upstream.calls).toBe(before + 1);
    await wait(100);
    for (const { status } of await several()) expect(status).toBe(200);
    expect(await scrape(gateway.url, 'nexus_circuit_state', 'upstream="moody"')).toBe(0);
    await wait(100);
    const changes = gateway
      .logs()
      .map((line) => JSON.parse(line) as { event?: string; state?: string })
      .filter(({ event }) => event === 'circuit');
    // A probe shows as half-open where the worker that speaks made it: what is told of the others is that it opened, and closed.
    const told = changes.map(({ state }) => state).filter((state) => state !== 'half-open');
    expect(told.filter((state, index) => state !== told[index - 1])).toEqual(['open', 'closed']);
  });
});
