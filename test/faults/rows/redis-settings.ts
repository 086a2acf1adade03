import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RedisProcess } from '../../doubles/redis-process.js';
import { Checks } from '../checks.js';
import type { Kit } from '../kit.js';
import type { FaultRow } from '../row.js';

const started = new Map<Kit, { readonly redis: RedisProcess; readonly file: string }>();

/** Keys and limits stand in the settings, not in Redis: their change needs no store. */
export const REDIS_SETTINGS: FaultRow = {
  name: 'keys-change-without-redis',
  lane: 'full',
  expected:
    'while Redis is gone, a key is withdrawn, another added, a limit lowered in the settings file: in force ≤ 5 s, in the local share; still so when Redis is back, and no call fails for it',
  upstreams: { a: 'ok' },
  prepare: async (kit) => {
    const redis = await kit.redis();
    const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-keys-'));
    kit.onEnd(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'gateway.yaml');
    started.set(kit, { redis, file });
    writeFileSync(file, settings(kit, [kit.otherKey], 600));
    return {};
  },
  run: async (kit) => {
    const own = started.get(kit);
    if (own === undefined) throw new Error('no Redis');
    const checks = new Checks();
    const gateway = await kit.start({
      GATEWAY_API_KEYS: '',
      GATEWAY_CONFIG_FILE: own.file,
      GATEWAY_RATE_LIMIT_PER_MINUTE: '',
      GATEWAY_REDIS_URL: own.redis.url,
    });
    const added = kit.secrets.of('added');
    const status = async (key: string): Promise<number> => (await kit.call({ to: 'a', key, gateway })).status;
    const limit = async (key: string): Promise<string> => String((await kit.call({ to: 'a', key, gateway })).headers['x-ratelimit-limit-requests']);
    checks.equal('both keys', `${await status(kit.clientKey)} ${await status(kit.otherKey)} ${await status(added)}`, '200 200 401');
    checks.equal('the limit', await limit(kit.clientKey), '600');
    await own.redis.kill();
    for (let count = 0; count < 5; count++) checks.equal('without Redis', await status(kit.clientKey), 200);

    writeFileSync(own.file, settings(kit, [added], 30));
    const changedAt = performance.now();
    while ((await status(kit.otherKey)) !== 401 && performance.now() - changedAt < 8_000) await wait(50);
    const withdrawnMs = performance.now() - changedAt;
    checks.that(withdrawnMs <= 5_000 + kit.lateMs, () => `withdrawn after ${withdrawnMs.toFixed()} ms`);
    checks.equal('the new key', await status(added), 200);
    checks.equal('the lowered limit', await limit(kit.clientKey), '30');
    let served = 0;
    for (let count = 0; count < 60; count++) {
      const reply = await kit.call({ to: 'a', gateway });
      checks.that([200, 429].includes(reply.status), () => `${reply.status} ${reply.text.slice(0, 100)}`);
      if (reply.status === 200) served++;
    }
    checks.that(served <= 33, () => `${served} served of a limit of 30`);

    await own.redis.restart();
    const backAt = performance.now();
    const isUp = async (): Promise<boolean> => (await gateway.scrape()).sum('nexus_redis_up') === 1;
    for (; !(await isUp()) && performance.now() - backAt < 8_000; await wait(50)) await status(added);
    checks.that(await isUp(), 'Redis is not used again');
    checks.equal('a withdrawn key, with Redis', await status(kit.otherKey), 401);
    checks.equal('the lowered limit, with Redis', await limit(added), '30');
    await gateway.stop();
    return checks.done(`withdrawn after ${withdrawnMs.toFixed()} ms; ${served} of 60 served at once under the lowered limit of 30`);
  },
  waives: ['client-count', 'ledger-count'],
};

function settings(kit: Kit, keys: readonly string[], limit: number): string {
  return `api_keys: ${JSON.stringify([kit.clientKey, ...keys])}\nrate_limit_per_minute: ${limit}\n`;
}
