import { Agent } from 'node:http';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { GatewayProcess } from '../doubles/gateway-process.js';
import { chat } from './chat.js';
import { childrenOf } from './process-table.js';
import { scrape } from './scrape.js';
import { twoWorkers } from './two-workers.js';

const CONNECTIONS = 64;
const ROUNDS = 10;
const LIMIT = 20;

jest.setTimeout(30_000);

describe('two workers', () => {
  let gateway: GatewayProcess;
  const keys = Array.from({ length: ROUNDS }, (_, round) => `key-of-round-${round}`);

  beforeAll(async () => {
    const policies = Object.fromEntries([...keys.map((key) => [key, { rate_limit_per_minute: LIMIT }]), ['free', { rate_limit_per_minute: 0 }]]);
    gateway = await twoWorkers({
      GATEWAY_API_KEYS: ['free', ...keys].join(','),
      GATEWAY_API_KEY_POLICIES: JSON.stringify(policies),
    });
  });
  afterAll(async () => void (await gateway.stop()));

  it('share the connections evenly, and the sum of their metrics is exactly what was sent', async () => {
    const before = await scrape(gateway.url, 'nexus_requests_total', 'endpoint="chat_completions"');
    const agents = Array.from({ length: CONNECTIONS }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    // One after the other: in a burst the worker that happens to be quicker takes more, as it should.
    for (const agent of agents) expect((await chat(gateway.url, { key: 'free', agent })).status).toBe(200);
    for (let call = 0; call < 4; call++) {
      const answers = await Promise.all(agents.map((agent) => chat(gateway.url, { key: 'free', agent })));
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    }
    // A socket is free again in the turn after its answer.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const ports = new Set(
      agents.flatMap((agent) => Object.values(agent.freeSockets).flatMap((sockets = []) => sockets.map(({ localPort }) => localPort ?? 0))),
    );
    const shares = childrenOf(gateway.pid).map((pid) => connectionsOf(pid, ports));
    expect(shares).toHaveLength(2);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(CONNECTIONS);
    for (const share of shares) {
      expect(share).toBeGreaterThanOrEqual(CONNECTIONS * 0.4);
      expect(share).toBeLessThanOrEqual(CONNECTIONS * 0.6);
    }
    for (const agent of agents) agent.destroy();
    // Whichever worker is asked.
    for (let ask = 0; ask < 4; ask++)
      expect(await scrape(gateway.url, 'nexus_requests_total', 'endpoint="chat_completions"', 'status="200"')).toBe(before + CONNECTIONS * 5);
    expect(await scrape(gateway.url, 'nexus_request_duration_seconds_count', 'endpoint="chat_completions"')).toBe(before + CONNECTIONS * 5);
    expect(await scrape(gateway.url, 'nexus_in_flight_requests')).toBe(0);
    expect(await scrape(gateway.url, 'nexus_silent_workers')).toBe(0);
  });

  it(`admit exactly as many of a burst as the limit says, ${ROUNDS} times`, async () => {
    for (const key of keys) {
      const startedAt = performance.now();
      const answers = await Promise.all(Array.from({ length: LIMIT * 3 }, () => chat(gateway.url, { key })));
      const refilled = Math.floor(((performance.now() - startedAt) / 60_000) * LIMIT);
      const admitted = answers.filter(({ status }) => status === 200).length;
      expect(admitted).toBeGreaterThanOrEqual(LIMIT);
      expect(admitted).toBeLessThanOrEqual(LIMIT + refilled);
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(LIMIT * 3 - admitted);
      for (const { headers } of refused) expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    expect(await scrape(gateway.url, 'nexus_silent_workers')).toBe(0);
  });
});

/** How many connections from these ports this process holds. */
function connectionsOf(pid: number, ports: ReadonlySet<number>): number {
  const inodes = new Set(
    readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , remote]) => ports.has(Number.parseInt(remote?.split(':')[1] ?? '', 16)))
      .map((fields) => `socket:[${fields[9]}]`),
  );
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;
}
