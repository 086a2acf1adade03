import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../doubles/free-port.js';
import type { RedisProcess } from '../../doubles/redis-process.js';
import type { ChaosProxy } from '../chaos-proxy.js';
import { Checks } from '../checks.js';
import { errorCodeOf, type ClientReply } from '../client-call.js';
import type { Kit } from '../kit.js';
import { openLoop, percentile } from '../open-loop-client.js';
import { sendRaw } from '../raw-client.js';
import type { FaultRow, Observation, RowClass } from '../row.js';
import { REDIS_CLOCK } from './redis-clock.js';
import { REDIS_CLUSTER } from './redis-cluster.js';
import { REDIS_ERRORS } from './redis-errors.js';
import { REDIS_SETTINGS } from './redis-settings.js';

const LIMIT = 60;

/** Settings of a gateway that limits, except for the bystander. */
function limited(kit: Kit, redisUrl: string | undefined, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    GATEWAY_RATE_LIMIT_PER_MINUTE: String(LIMIT),
    GATEWAY_API_KEY_POLICIES: JSON.stringify({
      [kit.secrets.of('steady')]: { rate_limit_per_minute: 0 },
      [kit.otherKey]: { rate_limit_per_minute: 6_000 },
    }),
    ...(redisUrl === undefined ? {} : { GATEWAY_REDIS_URL: redisUrl }),
    ...more,
  };
}

/** What Redis says to these commands, as it says it. */
async function ask(redis: RedisProcess, ...commands: string[]): Promise<string> {
  const reply = await sendRaw(redis.port, commands.map((command) => `${command}\r\n`).join(''), {
    withinMs: 1_000,
    until: (text) => text.split('\r\n').length > commands.length,
    gapMs: 1,
  });
  return reply.text;
}

function never500(checks: Checks, replies: readonly ClientReply[]): void {
  for (const { status, text } of replies) checks.that(status === 200 || status === 429, () => `${status} ${text.slice(0, 100)}`);
}

async function untilUp(kit: Kit, up: number): Promise<number> {
  const startedAt = performance.now();
  while ((await kit.metric('nexus_redis_up')) !== up && performance.now() - startedAt < 10_000) {
    // Whether it is back is found out by asking.
    await kit.call({ to: 'a', key: kit.otherKey });
    await wait(50);
  }
  return performance.now() - startedAt;
}

const SLOW_ROWS = new Set(['redis-flaps', 'redis-lines-cut', 'redis-shared-exactly', 'redis-speaks-errors', 'redis-black-hole']);

/** A row with a Redis of its own, through a proxy. */
function row(
  name: string,
  expected: string,
  run: (kit: Kit, redis: RedisProcess, proxy: ChaosProxy) => Promise<Observation>,
  more: Readonly<Record<string, string>> = {},
  waives: FaultRow['waives'] = [],
): FaultRow {
  const started = new Map<Kit, { redis: RedisProcess; proxy: ChaosProxy }>();
  return {
    name,
    lane: SLOW_ROWS.has(name) ? 'full' : 'quick',
    expected,
    waives,
    upstreams: { a: 'ok' },
    prepare: async (kit) => {
      const redis = await kit.redis();
      const proxy = await kit.proxy(redis.port);
      started.set(kit, { redis, proxy });
      return limited(kit, `redis://127.0.0.1:${proxy.port}`, more);
    },
    run: (kit) => {
      const own = started.get(kit);
      if (own === undefined) throw new Error('no Redis');
      return run(kit, own.redis, own.proxy);
    },
  };
}

/** Redis goes away in some way, and comes back. */
async function outage(kit: Kit, goes: () => unknown, returns: () => unknown): Promise<Observation> {
  const checks = new Checks();
  const before = await kit.many(5, () => ({ to: 'a' }));
  never500(checks, before);
  await goes();
  const replies: ClientReply[] = [];
  for (let count = 0; count < 120; count++) replies.push(await kit.call({ to: 'a' }));
  never500(checks, replies);
  const admitted = [...before, ...replies].filter(({ status }) => status === 200).length;
  checks.that(admitted <= LIMIT * 1.2 + 5, () => `${admitted} admitted`);
  checks.that(admitted > 5, 'nobody was admitted');
  const times = replies.map(({ ms }) => ms);
  const first = Math.max(...times.slice(0, 5));
  checks.that(first < 160 + kit.lateMs, () => `the first took ${first.toFixed()} ms`);
  checks.that(percentile(times.slice(5), 0.5) < 15 + kit.lateMs / 120, () => `later ones took ${percentile(times.slice(5), 0.5).toFixed()} ms`);
  await returns();
  const backMs = await untilUp(kit, 1);
  checks.that(backMs <= 5_000, () => `back after ${backMs.toFixed()} ms`);
  const lines = kit.gateway.lines().filter(({ event }) => event === 'redis').length;
  checks.that(lines <= 4, () => `${lines} lines of log`);
  return checks.done(
    `first ${first.toFixed()} ms, later ${percentile(times.slice(5), 0.5).toFixed(1)} ms (median), ${admitted} admitted of a limit of ${LIMIT}, back after ${backMs.toFixed()} ms, ${lines} lines of log`,
  );
}

export const RATE_LIMITS: RowClass = {
  name: 'rate-limits',
  title: 'Limits, and Redis under them',
  rows: [
    row(
      'redis-hangs',
      'Redis stopped in its tracks: one call waits ≤ 100 ms, later ones ≤ 5 ms, the local share admits, back ≤ 5 s after its return',
      (kit, redis) =>
        outage(
          kit,
          () => redis.hang(),
          () => redis.wake(),
        ),
    ),
    row('redis-killed', 'Redis killed: the same, at once; after a restart it is used again without a restart of the gateway', (kit, redis) =>
      outage(
        kit,
        () => redis.kill(),
        () => redis.restart(),
      ),
    ),
    row('redis-black-hole', 'nothing comes back over the line to Redis: the same', (kit, _redis, proxy) =>
      outage(
        kit,
        () => (proxy.faults = { blackhole: 1 }),
        () => {
          proxy.faults = {};
          proxy.cutAll();
        },
      ),
    ),
    row('redis-slow', 'Redis 80 ms away: counted exactly; 240 ms away: decided locally within the time-out', async (kit, _redis, proxy) => {
      const checks = new Checks();
      proxy.faults = { delayMs: 40 };
      await wait(200);
      const near = await kit.many(LIMIT + 40, () => ({ to: 'a' }));
      never500(checks, near);
      const admitted = near.filter(({ status }) => status === 200).length;
      checks.that(admitted >= LIMIT && admitted <= LIMIT + 3, () => `${admitted} admitted`);
      proxy.faults = { delayMs: 120 };
      const far: ClientReply[] = [];
      for (let count = 0; count < 40; count++) far.push(await kit.call({ to: 'a', key: kit.otherKey }));
      never500(checks, far);
      const worst = Math.max(...far.map(({ ms }) => ms));
      checks.that(worst < 180 + kit.lateMs, () => `${worst.toFixed()} ms`);
      proxy.faults = {};
      return checks.done(`${admitted} of ${LIMIT} admitted; ${worst.toFixed()} ms at most when far`);
    }),
    row(
      'redis-down-deny',
      'GATEWAY_ON_REDIS_DOWN=deny: 503 rate_limit_store_unavailable in ≤ 110 ms, nothing sent, /livez lives',
      async (kit, redis) => {
        const checks = new Checks();
        await redis.kill();
        const replies = [await kit.call({ to: 'a' }), ...(await kit.many(20, () => ({ to: 'a' })))];
        for (const reply of replies) {
          checks.equal('status', reply.status, 503);
          checks.equal('code', errorCodeOf(reply), 'rate_limit_store_unavailable');
        }
        checks.equal('requests at the upstream', kit.ledger('a').length, 0);
        return checks.done(`${(replies[0]?.ms ?? 0).toFixed()} ms`);
      },
      { GATEWAY_ON_REDIS_DOWN: 'deny' },
    ),
    row(
      'redis-down-allow',
      'GATEWAY_ON_REDIS_DOWN=allow: everybody is served, none waits',
      async (kit, redis) => {
        const checks = new Checks();
        await redis.kill();
        const replies = await kit.many(LIMIT * 2, () => ({ to: 'a' }));
        for (const { status } of replies) checks.equal('status', status, 200);
        return checks.done(`${replies.length} served`);
      },
      { GATEWAY_ON_REDIS_DOWN: 'allow' },
    ),
    {
      name: 'redis-down-at-start',
      lane: 'full',
      expected: 'starts without Redis, ready and degraded, and keeps its log quiet',
      upstreams: { a: 'ok' },
      prepare: async (kit) => limited(kit, `redis://127.0.0.1:${await freePort()}`),
      run: async (kit) => {
        const checks = new Checks();
        const ready = await kit.call({ path: '/readyz', method: 'GET' });
        checks.equal('ready', ready.status, 200);
        checks.that(ready.text.includes('rate_limit_store'), () => `says ${ready.text}`);
        never500(checks, (await openLoop(20, 4_000, () => kit.call({ to: 'a' }))).replies);
        const lines = kit.gateway.lines().filter(({ event }) => event === 'redis').length;
        checks.that(lines <= 2, () => `${lines} lines of log`);
        return checks.done(`${lines} lines of log`);
      },
    },
    row(
      'redis-speaks-errors',
      'READONLY, OOM, lost scripts, flushed and poisoned keys: no request fails for it, none is unlimited',
      async (kit, redis) => {
        const checks = new Checks();
        const replies: ClientReply[] = [];
        const troubles: Record<string, [string[], string[]]> = {
          'lost scripts': [['SCRIPT FLUSH'], []],
          'flushed keys': [['FLUSHALL'], []],
          'read only': [['REPLICAOF 127.0.0.1 1'], ['REPLICAOF NO ONE']],
          'out of memory': [['CONFIG SET maxmemory 1'], ['CONFIG SET maxmemory 0']],
        };
        for (const [name, [goes, returns]] of Object.entries(troubles)) {
          await ask(redis, ...goes);
          for (let count = 0; count < 20; count++) replies.push(await kit.call({ to: 'a' }));
          if (returns.length > 0) await ask(redis, ...returns);
          const worst = Math.max(...replies.slice(-20).map(({ ms }) => ms));
          checks.that(worst < 200 + kit.lateMs, () => `${name}: ${worst.toFixed()} ms`);
        }
        await untilUp(kit, 1);
        await kit.call({ to: 'a' });
        for (const key of (await ask(redis, 'KEYS *')).split('\r\n').filter((line) => line !== '' && !/^[*$]/.test(line)))
          await ask(redis, `DEL ${key}`, `SET ${key} rubbish`);
        for (let count = 0; count < 150; count++) replies.push(await kit.call({ to: 'a' }));
        never500(checks, replies);
        const admitted = replies.slice(-150).filter(({ status }) => status === 200).length;
        checks.that(admitted <= LIMIT * 1.2 + 10, () => `${admitted} of 150 admitted over poisoned keys`);
        return checks.done(`${replies.length} calls, ${admitted} of 150 admitted over poisoned keys`);
      },
    ),
    row('redis-flaps', 'away and back every 300 ms: no call waits more than 120 ms for it, ≤ 2 lines of log a turn', async (kit, redis) => {
      const checks = new Checks();
      const load = openLoop(40, 6_000, () => kit.call({ to: 'a', key: kit.otherKey }));
      const turns = 10;
      for (let turn = 0; turn < turns; turn++) {
        redis.hang();
        await wait(300);
        redis.wake();
        await wait(300);
      }
      const { replies } = await load;
      never500(checks, replies);
      const worst = percentile(
        replies.map(({ ms }) => ms),
        0.99,
      );
      checks.that(worst < 170 + kit.lateMs, () => `${worst.toFixed()} ms (99th percentile)`);
      const lines = kit.gateway.lines().filter(({ event }) => event === 'redis').length;
      checks.that(lines <= 2 * turns + 2, () => `${lines} lines of log`);
      return checks.done(`${worst.toFixed()} ms (99th percentile), ${lines} lines of log in ${turns} turns`);
    }),
    row(
      'redis-shared-exactly',
      'three gateways on one Redis: exactly the limit of a burst is admitted',
      async (kit, redis) => {
        const checks = new Checks();
        const env = limited(kit, redis.url);
        const others = await Promise.all([kit.start(env), kit.start(env)]);
        const gateways = [kit.gateway, ...others];
        await wait(300);
        const startedAt = performance.now();
        const replies = await kit.many(150, (index) => ({ to: 'a', gateway: gateways[index % 3] ?? kit.gateway }));
        const seconds = (performance.now() - startedAt) / 1000;
        const admitted = replies.filter(({ status }) => status === 200).length;
        checks.that(
          admitted >= LIMIT && admitted <= LIMIT + Math.ceil((seconds * LIMIT) / 60),
          () => `${admitted} admitted in ${seconds.toFixed(2)} s`,
        );
        never500(checks, replies);
        for (const other of others) await other.stop();
        return checks.done(`${admitted} of ${LIMIT} in ${seconds.toFixed(2)} s`);
      },
      {},
      ['client-count', 'ledger-count'],
    ),
    row('redis-keys-end', 'every key has an end, none is long, and strangers write none', async (kit, redis) => {
      const checks = new Checks();
      const before = (await ask(redis, 'DBSIZE')).trim();
      await kit.many(100, (index) => ({ to: 'a', key: `sk-stranger-${index}` }));
      const after = (await ask(redis, 'DBSIZE')).trim();
      checks.that(Number(after.slice(1)) <= Number(before.slice(1)), () => `${after} keys in Redis, ${before} before`);
      await kit.call({ to: 'a' });
      await kit.call({ to: 'a', key: kit.otherKey });
      const keys = (await ask(redis, 'KEYS *')).split('\r\n').filter((line) => line !== '' && !/^[*$]/.test(line));
      checks.that(keys.length >= 2, () => `${keys.length} keys`);
      for (const key of keys) {
        checks.that(Number((await ask(redis, `PTTL ${key}`)).trim().slice(1)) > 0, () => `${key} has no end`);
        checks.that(key.length <= 128, () => `${key} is long`);
        checks.that(kit.secrets.foundIn(key) === undefined, 'a key tells a secret');
      }
      return checks.done(`${keys.length} keys, ${Math.max(...keys.map((key) => key.length))} letters at most`);
    }),
    row(
      'redis-lines-cut',
      'the line is cut between commands and answers: nobody is admitted twice for one charge lost, none hangs',
      async (kit, _redis, proxy) => {
        const checks = new Checks();
        const cutting = setInterval(() => proxy.cutAll(), 100);
        const { replies } = await openLoop(60, 3_000, () => kit.call({ to: 'a' }));
        clearInterval(cutting);
        never500(checks, replies);
        const admitted = replies.filter(({ status }) => status === 200).length;
        checks.that(admitted <= 2 * LIMIT + 6, () => `${admitted} admitted`);
        return checks.done(`${admitted} admitted of ${replies.length}, limit ${LIMIT}`);
      },
    ),
    row(
      'redis-resends-nothing',
      'ten charges whose answers are lost and whose line is then cut: each is counted once, not again over the next line',
      async (kit, _redis, proxy) => {
        const checks = new Checks();
        for (let count = 0; count < 5; count++) checks.equal('status', (await kit.call({ to: 'a' })).status, 200);
        proxy.faults = { silentAfterBytes: 0 };
        const startedAt = performance.now();
        never500(checks, await kit.many(10, () => ({ to: 'a' })));
        const waitedMs = performance.now() - startedAt;
        checks.that(waitedMs < 250 + kit.lateMs, () => `waited ${waitedMs.toFixed()} ms`);
        proxy.faults = {};
        proxy.cutAll();
        await untilUp(kit, 1);
        const left = Number((await kit.call({ to: 'a' })).headers['x-ratelimit-remaining-requests']);
        checks.that(left >= LIMIT - 16, () => `${left} left of ${LIMIT} after 16 calls`);
        return checks.done(`${left} left of ${LIMIT} after 16 calls`);
      },
    ),
    {
      name: 'limit-is-honest',
      lane: 'full',
      expected: 'in t seconds ≤ N + N·t/60 are admitted and ≥ 98 % of it; after Retry-After the next call is served; headers on every answer',
      upstreams: { a: 'ok' },
      prepare: async (kit) => limited(kit, undefined, { GATEWAY_RATE_LIMIT_PER_MINUTE: '120' }),
      run: async (kit) => {
        const checks = new Checks();
        const startedAt = performance.now();
        const { replies } = await openLoop(80, 3_000, () => kit.call({ to: 'a' }));
        const most = 120 + (120 * (performance.now() - startedAt)) / 60_000;
        never500(checks, replies);
        const admitted = replies.filter(({ status }) => status === 200).length;
        checks.that(admitted <= most && admitted >= 0.98 * (most - 1), () => `${admitted} admitted, ${most.toFixed(1)} were due`);
        for (const { headers } of replies)
          for (const name of ['limit', 'remaining', 'reset']) checks.that(headers[`x-ratelimit-${name}-requests`] !== undefined, () => `no ${name}`);
        const refused = await kit.call({ to: 'a' });
        if (refused.status === 429) {
          await wait(Number(refused.headers['retry-after']) * 1000);
          checks.equal('after Retry-After', (await kit.call({ to: 'a' })).status, 200);
        }
        return checks.done(`${admitted} admitted, ${most.toFixed(1)} due`);
      },
    },
    ...REDIS_ERRORS,
    REDIS_CLOCK,
    REDIS_SETTINGS,
    ...REDIS_CLUSTER,
    {
      name: 'redis-fails-over',
      lane: 'full',
      expected: 'Sentinel promotes a replica: no request fails, limits stay within 1.2 times, back on the new master in ≤ 10 s',
      upstreams: { a: 'ok' },
      prepare: async (kit) => {
        const master = await kit.redis();
        const replica = await kit.redis([`replicaof 127.0.0.1 ${master.port}`]);
        const sentinels = await Promise.all(
          [1, 2, 3].map(() =>
            kit.redis(
              [
                `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
                'sentinel down-after-milliseconds mymaster 500',
                'sentinel failover-timeout mymaster 3000',
              ],
              '--sentinel',
            ),
          ),
        );
        // The sentinels find the replica and each other.
        for (
          let tries = 0;
          tries < 100 && !(await ask(sentinels[0] ?? master, 'SENTINEL master mymaster')).includes('num-other-sentinels\r\n$1\r\n2');
          tries++
        )
          await wait(200);
        failover.set(kit, master);
        void replica;
        return limited(kit, `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/mymaster`);
      },
      run: async (kit) => {
        const checks = new Checks();
        checks.that((await untilUp(kit, 1)) < 5_000, 'never up');
        const load = openLoop(40, 12_000, () => kit.call({ to: 'a', key: kit.otherKey }));
        await wait(1_000);
        await failover.get(kit)?.kill();
        const killedAt = performance.now();
        while ((await kit.metric('nexus_redis_up')) === 1 && performance.now() - killedAt < 2_000) await wait(20);
        const backMs = await untilUp(kit, 1);
        never500(checks, (await load).replies);
        checks.that(backMs < 10_000, () => `back after ${backMs.toFixed()} ms`);
        return checks.done(`back after ${backMs.toFixed()} ms`);
      },
    },
  ],
};

const failover = new Map<Kit, RedisProcess>();
