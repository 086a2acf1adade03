import { chargeOf, freshBucket } from '../../test/contracts/rate-limit-store.js';
import { freePort } from '../../test/doubles/free-port.js';
import { describeWithRedis } from '../../test/doubles/installed-redis.js';
import { RecordingMeter } from '../../test/doubles/recording-meter.js';
import { startRedis } from '../../test/doubles/redis-process.js';
import { settingsFrom } from '../../test/doubles/settings-from.js';
import { WorkerLine } from '../../test/doubles/worker-line.js';
import { LiveSettings } from '../config/live-settings.js';
import type { WorkerLink } from '../contracts/worker-link.js';
import { createRateLimitStore } from './create-rate-limit-store.js';
import type { RateLimitStore } from './rate-limit-store.js';
import { serveRateLimits } from './serve-rate-limits.js';

interface Made {
  readonly store: RateLimitStore;
  readonly live: LiveSettings;
  readonly meter: RecordingMeter;
  readonly lines: string[];
}

async function made(env: Readonly<Record<string, string>>, link?: WorkerLink): Promise<Made> {
  const [live, meter, lines] = [new LiveSettings(settingsFrom(env)), new RecordingMeter(), [] as string[]];
  return { store: await createRateLimitStore(live, meter, link, (line) => lines.push(line)), live, meter, lines };
}

it('counts in this process where nothing else is set', async () => {
  const { store, meter, lines } = await made({});
  expect(store.status).toBe('none');
  expect(store.take(chargeOf(60, 'a'))).toMatchObject({ allowed: true, remaining: 59 });
  expect([meter.lines, lines]).toEqual([[], []]);
  await store.close();
});

it('counts for all workers of the machine where there are several', async () => {
  const line = new WorkerLine();
  serveRateLimits(line.hub);
  const [one, another] = await Promise.all([made({ GATEWAY_WORKERS: '2' }, line.link(1)), made({ GATEWAY_WORKERS: '2' }, line.link(2))]);
  expect(await one.store.take(chargeOf(60, 'a'))).toMatchObject({ remaining: 59 });
  expect(await another.store.take(chargeOf(60, 'a'))).toMatchObject({ remaining: 58 });
});

it('starts without its Redis, says so in one line that names no address, and heeds a reload', async () => {
  const redisUrl = `redis://user:hunter2@127.0.0.1:${await freePort()}`;
  const { store, live, meter, lines } = await made({ GATEWAY_REDIS_URL: redisUrl, GATEWAY_REPLICAS: '4' });
  expect(store.status).toBe('down');
  expect(store.take(chargeOf(60, 'a'))).toMatchObject({ allowed: true, remaining: 14 });
  expect(store.take(chargeOf(2, 'b'))).toMatchObject({ allowed: true, remaining: 0 });
  expect(meter.lines).toEqual(['redisIsUp false']);
  expect(lines).toEqual(['Redis does not answer: each replica keeps its own share of the rate limits']);
  live.replace(settingsFrom({ GATEWAY_REDIS_URL: redisUrl, GATEWAY_ON_REDIS_DOWN: 'deny' }));
  expect(store.take(chargeOf(60, 'a'))).toBe('store_unavailable');
  await store.close();
});

describeWithRedis('with a Redis', () => {
  it('shares limits between replicas, and says nothing while all is well', async () => {
    const redis = await startRedis();
    const [one, another] = await Promise.all([made({ GATEWAY_REDIS_URL: redis.url }), made({ GATEWAY_REDIS_URL: `${redis.url}/0` })]);
    const bucket = freshBucket();
    expect(one.store.status).toBe('up');
    expect(await one.store.take(chargeOf(60, bucket))).toMatchObject({ remaining: 59 });
    expect(await another.store.take(chargeOf(60, bucket))).toMatchObject({ remaining: 58 });
    expect([one.meter.lines, one.lines]).toEqual([['redisIsUp true'], []]);
    await Promise.all([one.store.close(), another.store.close()]);
    await redis.stop();
  });

  it('is refused by a Redis that wants a password, without a word on the console, and serves all the same', async () => {
    const redis = await startRedis(['requirepass right']);
    const [wrong, none, right] = await Promise.all(
      ['wrong', '', 'right'].map((password) => made({ GATEWAY_REDIS_URL: `redis://:${password}@127.0.0.1:${redis.port}` })),
    );
    expect([wrong?.store.status, none?.store.status, right?.store.status]).toEqual(['down', 'down', 'up']);
    expect(await wrong?.store.take(chargeOf(60, 'a'))).toMatchObject({ allowed: true });
    expect(wrong?.lines).toHaveLength(1);
    await Promise.all([wrong?.store.close(), none?.store.close(), right?.store.close()]);
    await redis.stop();
  });
});
