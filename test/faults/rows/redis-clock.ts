import { setTimeout as wait } from 'node:timers/promises';
import type { RedisProcess } from '../../doubles/redis-process.js';
import { Checks } from '../checks.js';
import { errorCodeOf } from '../client-call.js';
import type { Kit } from '../kit.js';
import { sendRaw } from '../raw-client.js';
import type { FaultRow } from '../row.js';

const LIMIT = 60;
const started = new Map<Kit, RedisProcess>();

/** To what is held, a clock that steps ahead is the same as dates that move back: those of the buckets, and those at which keys end. */
function stepped(byMs: number): string {
  const each = `local ttl = redis.call('PTTL', k) - ${byMs} local at = string.format('%.6f', redis.call('GET', k) - ${byMs})`;
  const then = `if ttl > 0 then redis.call('SET', k, at, 'PX', ttl) else redis.call('DEL', k) end`;
  return `EVAL "for _, k in ipairs(redis.call('KEYS', 'nexus:rate:*')) do ${each} ${then} end" 0\r\n`;
}

export const REDIS_CLOCK: FaultRow = {
  name: 'redis-clock-steps',
  lane: 'full',
  expected:
    'the clock of Redis steps an hour ahead, and back: a bucket begins anew, or is empty, once a step; no call fails, Retry-After is true, the key has an end',
  upstreams: { a: 'ok' },
  prepare: async (kit) => {
    const redis = await kit.redis();
    started.set(kit, redis);
    return {
      GATEWAY_RATE_LIMIT_PER_MINUTE: String(LIMIT),
      GATEWAY_API_KEY_POLICIES: JSON.stringify({ [kit.secrets.of('steady')]: { rate_limit_per_minute: 0 } }),
      GATEWAY_REDIS_URL: redis.url,
    };
  },
  run: async (kit) => {
    const redis = started.get(kit);
    if (redis === undefined) throw new Error('no Redis');
    const ask = async (command: string): Promise<string> =>
      (await sendRaw(redis.port, command, { withinMs: 2_000, until: (text) => text.endsWith('\r\n') })).text;
    const checks = new Checks();
    const admitted: number[] = [];
    const startedAt = performance.now();
    for (const stepMs of [0, 3_600_000, -3_600_000, -3_600_000]) {
      if (stepMs !== 0) checks.that((await ask(stepped(stepMs))).startsWith('$-1'), 'not tried: the script failed');
      let served = 0;
      let waitSeconds = 0;
      for (let count = 0; count < LIMIT + 10; count++) {
        const reply = await kit.call({ to: 'a' });
        if (reply.status === 200) {
          served++;
          continue;
        }
        checks.equal('code', errorCodeOf(reply), 'rate_limit_exceeded');
        waitSeconds = Number(reply.headers['retry-after']);
        checks.that(waitSeconds >= 1 && waitSeconds <= 60, () => `retry after ${waitSeconds} s`);
      }
      admitted.push(served);
      checks.that(waitSeconds > 0, 'unlimited after a step');
      await wait(waitSeconds * 1_000);
      checks.equal('after Retry-After', (await kit.call({ to: 'a' })).status, 200);
      const endsInMs = Number((await ask("EVAL \"return redis.call('PTTL', redis.call('KEYS', 'nexus:rate:*')[1])\" 0\r\n")).slice(1));
      checks.that(endsInMs > 0 && endsInMs <= 62_000, () => `a key ends in ${endsInMs} ms`);
    }
    // A step ahead gives a bucket anew; no step back does.
    const most = 2 * LIMIT + (LIMIT * (performance.now() - startedAt)) / 60_000;
    const sum = admitted.reduce((one, other) => one + other, 0);
    checks.that(sum <= most, () => `${sum} admitted, ${most.toFixed()} at most were due`);
    checks.equal('up', await kit.metric('nexus_redis_up'), 1);
    return checks.done(`admitted after each step: ${admitted.join(', ')} of a limit of ${LIMIT}`);
  },
};
