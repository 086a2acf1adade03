import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { type ClientReply, errorCodeOf } from '../client-call.js';
import { GrumblingRedis } from '../grumbling-redis.js';
import type { Kit } from '../kit.js';
import type { FaultRow } from '../row.js';

const LIMIT = 600;

/** What a Redis may say in place of an answer, and answers that are none. */
const SAYS: Readonly<Record<string, string>> = {
  LOADING: '-LOADING Redis is loading the dataset in memory',
  OOM: "-OOM command not allowed when used memory > 'maxmemory'.",
  MISCONF: '-MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.',
  BUSY: '-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  NOAUTH: '-NOAUTH Authentication required.',
  WRONGPASS: '-WRONGPASS invalid username-password pair or user is disabled.',
  NOPERM: "-NOPERM this user has no permissions to run the 'evalsha' command",
  READONLY: "-READONLY You can't write against a read only replica.",
  MASTERDOWN: "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  NOREPLICAS: '-NOREPLICAS Not enough good replicas to write.',
  CLUSTERDOWN: '-CLUSTERDOWN The cluster is down',
  TRYAGAIN: '-TRYAGAIN Multiple keys request during rehashing of slot',
  MOVED: '-MOVED 3999 127.0.0.1:1',
  ASK: '-ASK 3999 127.0.0.1:1',
  'too many clients': '-ERR max number of clients reached',
  nothing: '$-1',
  'an empty list': '*0',
  'a word': '$2\r\nOK',
  'a number beyond numbers': `:${'9'.repeat(400)}`,
  'no protocol at all': 'HTTP/1.1 400 Bad Request',
};

const started = new Map<Kit, { redis: GrumblingRedis; realPort: number }>();

function limited(kit: Kit, url: string): Record<string, string> {
  return {
    GATEWAY_RATE_LIMIT_PER_MINUTE: String(LIMIT),
    GATEWAY_API_KEY_POLICIES: JSON.stringify({ [kit.secrets.of('steady')]: { rate_limit_per_minute: 0 } }),
    GATEWAY_REDIS_URL: url,
  };
}

async function prepare(kit: Kit): Promise<Record<string, string>> {
  const real = await kit.redis();
  const redis = await GrumblingRedis.start(real.port);
  kit.onEnd(() => redis.close());
  started.set(kit, { redis, realPort: real.port });
  return limited(kit, `redis://127.0.0.1:${redis.port}`);
}

function own(kit: Kit): GrumblingRedis {
  const found = started.get(kit);
  if (found === undefined) throw new Error('no Redis');
  return found.redis;
}

const isUp = (kit: Kit): Promise<number> => kit.metric('nexus_redis_up');

async function until(kit: Kit, up: number, withinMs: number): Promise<number> {
  const startedAt = performance.now();
  while ((await isUp(kit)) !== up && performance.now() - startedAt < withinMs) await wait(20);
  return performance.now() - startedAt;
}

export const REDIS_ERRORS: readonly FaultRow[] = [
  {
    name: 'redis-says-errors',
    lane: 'full',
    expected:
      'each error that Redis can say, and answers that are none: no call fails or waits, one line of log down and one up, back ≤ 5 s, nothing counted twice',
    upstreams: { a: 'ok' },
    prepare,
    run: async (kit) => {
      const checks = new Checks();
      const redis = own(kit);
      let slowestMs = 0;
      let longestBackMs = 0;
      for (const [name, says] of Object.entries(SAYS)) {
        await until(kit, 1, 5_000);
        const before = await kit.call({ to: 'a' });
        redis.says = says;
        const saidBefore = redis.said;
        const replies: ClientReply[] = [];
        for (let count = 0; count < 8; count++) replies.push(await kit.call({ to: 'a' }));
        for (const { status, text } of replies) checks.that(status === 200, () => `${name}: ${status} ${text.slice(0, 80)}`);
        slowestMs = Math.max(slowestMs, ...replies.map(({ ms }) => ms));
        checks.that(redis.said > saidBefore, () => `${name}: nobody heard it`);
        checks.equal(`${name}: up`, await isUp(kit), 0);
        redis.says = undefined;
        const backMs = await until(kit, 1, 6_000);
        longestBackMs = Math.max(longestBackMs, backMs);
        checks.that(backMs <= 5_000, () => `${name}: back after ${backMs.toFixed()} ms`);
        const left = (reply: ClientReply): number => Number(reply.headers['x-ratelimit-remaining-requests']);
        const after = left(await kit.call({ to: 'a' }));
        // One bucket throughout: what was decided here meanwhile is told to Redis, once.
        checks.that(after >= left(before) - 10, () => `${name}: ${left(before)} left before, ${after} after 9 calls`);
      }
      const lines = kit.gateway.lines().filter(({ event }) => event === 'redis').length;
      checks.that(lines <= 2 * Object.keys(SAYS).length + 1, () => `${lines} lines of log`);
      checks.that(slowestMs < 150 + kit.lateMs, () => `the slowest took ${slowestMs.toFixed()} ms`);
      return checks.done(
        `${Object.keys(SAYS).length} answers; the slowest call took ${slowestMs.toFixed()} ms, back after ${longestBackMs.toFixed()} ms at most, ${lines} lines of log`,
      );
    },
  },
  {
    name: 'redis-loads-long',
    lane: 'quick',
    expected: 'a Redis that is loading for three seconds: served by the local share, no call waits for it, two lines of log, no key without an end',
    upstreams: { a: 'ok' },
    prepare,
    run: async (kit) => {
      const checks = new Checks();
      const redis = own(kit);
      await kit.call({ to: 'a' });
      redis.says = SAYS['LOADING'];
      redis.cutAll();
      const replies: ClientReply[] = [];
      for (const end = performance.now() + 3_000; performance.now() < end; await wait(30)) replies.push(await kit.call({ to: 'a' }));
      for (const { status, text } of replies) checks.that(status === 200, () => `${status} ${text.slice(0, 80)}`);
      const slowestMs = Math.max(...replies.map(({ ms }) => ms));
      checks.that(slowestMs < 150 + kit.lateMs, () => `the slowest took ${slowestMs.toFixed()} ms`);
      redis.says = undefined;
      const backMs = await until(kit, 1, 6_000);
      checks.that(backMs <= 5_000, () => `back after ${backMs.toFixed()} ms`);
      const lines = kit.gateway.lines().filter(({ event }) => event === 'redis').length;
      checks.that(lines <= 3, () => `${lines} lines of log`);
      return checks.done(
        `${replies.length} served, the slowest in ${slowestMs.toFixed()} ms, back after ${backMs.toFixed()} ms, ${lines} lines of log`,
      );
    },
  },
  {
    name: 'clock-steps',
    lane: 'quick',
    expected: 'the gateway’s clock steps an hour ahead and back, twice: limits, circuits and deadlines go on as if nothing had happened',
    upstreams: { a: 'ok', hangs: 'hang' },
    prepare: async (kit) => ({ ...limited(kit, ''), GATEWAY_REDIS_URL: '', GATEWAY_RATE_LIMIT_PER_MINUTE: '20' }),
    run: async (kit) => {
      const checks = new Checks();
      // Date alone: the monotonic clock of a machine does not step.
      const shift = `let by=0;const now=Date.now.bind(Date);Date.now=()=>now()+by;const D=Date;globalThis.Date=class extends D{constructor(...a){a.length?super(...a):super(now()+by)}};globalThis.Date.now=()=>now()+by;process.on('SIGUSR2',()=>{by=by>0?-3.6e6:3.6e6});`;
      const gateway = await kit.start(
        { ...limited(kit, ''), GATEWAY_REDIS_URL: '', GATEWAY_RATE_LIMIT_PER_MINUTE: '20' },
        { nodeOptions: ['--import', `data:text/javascript,${encodeURIComponent(shift)}`] },
      );
      const replies: ClientReply[] = [];
      const startedAt = performance.now();
      for (let step = 0; step < 4; step++) {
        const slow = kit.call({ to: 'hangs', key: kit.otherKey, gateway });
        for (let count = 0; count < 15; count++) replies.push(await kit.call({ to: 'a', gateway }));
        gateway.signal('SIGUSR2');
        const { status, ms } = await slow;
        checks.equal('a call that hangs', status, 504);
        checks.that(ms > 1_700 && ms < 2_600 + kit.lateMs, () => `its deadline came after ${ms.toFixed()} ms`);
      }
      const due = 20 + (20 * (performance.now() - startedAt)) / 60_000;
      const admitted = replies.filter(({ status }) => status === 200).length;
      for (const reply of replies.filter(({ status }) => status !== 200)) {
        checks.equal('code', errorCodeOf(reply), 'rate_limit_exceeded');
        checks.that(Number(reply.headers['retry-after']) <= 60, () => `retry after ${String(reply.headers['retry-after'])} s`);
      }
      checks.that(admitted <= Math.ceil(due) && admitted >= Math.floor(due) - 1, () => `${admitted} admitted, ${due.toFixed(1)} were due`);
      const stepped = gateway.lines('request').map(({ time }) => new Date(time as string | number).getTime());
      checks.that(Math.max(...stepped) - Math.min(...stepped) > 3_600_000, 'not tried: the clock did not step');
      await gateway.stop();
      return checks.done(`${admitted} admitted, ${due.toFixed(1)} due`);
    },
    waives: ['client-count', 'ledger-count'],
  },
];
