import { Redis } from 'ioredis';
import { chargeOf, freshBucket, rateLimitStoreContract } from '../../test/contracts/rate-limit-store.js';
import { describeWithRedis } from '../../test/doubles/installed-redis.js';
import { describeWithSomeRedis, type RedisProcess, someRedis, startRedis } from '../../test/doubles/redis-process.js';
import type { RateDecision } from '../contracts/rate-limit.js';
import { MemoryRateLimitStore } from './memory-rate-limit-store.js';
import { openRedis } from './redis-connection.js';
import { keyOf, RedisRateLimitStore } from './redis-rate-limit-store.js';
import { StandIn } from './stand-in.js';

interface Opened {
  readonly store: RedisRateLimitStore;
  readonly states: boolean[];
}

async function open(url: string, onRedisDown: 'local' | 'deny' | 'allow' = 'local', replicas = 1): Promise<Opened> {
  const states: boolean[] = [];
  const standIn = new StandIn(new MemoryRateLimitStore(), () => replicas);
  const store = new RedisRateLimitStore(await openRedis(url), standIn, { onRedisDown: () => onRedisDown, onState: (up) => states.push(up) });
  await store.opened(1000);
  return { store, states };
}

async function until(condition: () => boolean, withinMs: number): Promise<number> {
  const began = performance.now();
  while (!condition()) {
    if (performance.now() - began > withinMs) throw new Error(`Not within ${withinMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - began;
}

async function timed<T>(action: () => T | Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now();
  const value = await action();
  return { value, ms: performance.now() - began };
}

const admitted = (decisions: readonly unknown[]): number => decisions.filter((decision) => (decision as RateDecision).allowed).length;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const burst = (store: RedisRateLimitStore, limit: number, bucket: string, takes: number): Promise<unknown[]> =>
  Promise.all(Array.from({ length: takes }, () => store.take(chargeOf(limit, bucket))));

describeWithSomeRedis('a Redis that others may use too', () => {
  rateLimitStoreContract('Redis', async () => {
    const redis = await someRedis();
    const [one, another] = await Promise.all([open(redis.url), open(redis.url)]);
    return {
      store: one.store,
      other: another.store,
      pass: pause,
      close: async () => {
        await Promise.all([one.store.close(), another.store.close()]);
        await redis.stop();
      },
    };
  });
});

describeWithRedis('with a Redis of its own', () => {
  let redis: RedisProcess;
  let admin: Redis;
  let opened: Opened;
  let store: RedisRateLimitStore;

  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(async () => {
    admin = new Redis(redis.port, '127.0.0.1');
    admin.on('error', () => undefined);
    opened = await open(redis.url);
    store = opened.store;
    expect(store.status).toBe('up');
  });
  afterEach(async () => {
    admin.disconnect();
    await store.close();
  });
  afterAll(() => redis.stop());

  it('leaves keys of bounded length, each with a time to live, whatever names come', async () => {
    await admin.flushall();
    const names = ['plain:1', 'x'.repeat(100_000), 'line\nbreak', '\0', '😀', '{a}{b}', ''];
    await Promise.all(names.map((name) => store.take(chargeOf(60, name))));
    const keys = await admin.keys('*');
    expect(keys.filter((key) => !key.endsWith(':probe'))).toHaveLength(names.length);
    for (const key of keys) {
      expect(key.length).toBeLessThanOrEqual(128);
      const ttl = await admin.pttl(key);
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(61_000);
    }
  });

  it.each([
    ['a hash', (key: string) => admin.hset(key, 'a', 1)],
    ['a word', (key: string) => admin.set(key, 'abc')],
    ['a number out of range', (key: string) => admin.set(key, '1e18')],
    ['a negative number', (key: string) => admin.set(key, '-5')],
    ['no number', (key: string) => admin.set(key, 'nan')],
    ['infinity', (key: string) => admin.set(key, 'inf')],
  ])('mends a bucket in which %s stands, and is not unlimited', async (_, poison) => {
    const bucket = freshBucket();
    await poison(keyOf(bucket));
    expect(admitted(await burst(store, 5, bucket, 20))).toBeLessThanOrEqual(5);
    const key = keyOf(bucket);
    expect(await admin.type(key)).toBe('string');
    expect(await admin.pttl(key)).toBeGreaterThan(0);
    expect(await admin.pttl(key)).toBeLessThanOrEqual(61_000);
    expect(opened.states).toEqual([true]);
  });

  it('a look writes nothing, and says so when Redis cannot be asked, whatever calls do then', async () => {
    const bucket = freshBucket();
    expect(await store.peek(chargeOf(60, bucket))).toMatchObject({ remaining: 60, resetMs: 0 });
    expect(await admin.exists(keyOf(bucket))).toBe(0);
    await store.take(chargeOf(60, bucket));
    const held = await admin.get(keyOf(bucket));
    expect(await store.peek(chargeOf(60, bucket))).toMatchObject({ remaining: 59 });
    expect(await admin.get(keyOf(bucket))).toBe(held);
    const others = await Promise.all((['deny', 'allow'] as const).map((onRedisDown) => open(redis.url, onRedisDown)));
    redis.hang();
    try {
      for (const one of [store, ...others.map((other) => other.store)]) {
        expect(await one.peek(chargeOf(60, bucket))).toBe('store_unavailable');
        expect(one.peek(chargeOf(60, bucket))).toBe('store_unavailable');
        expect(one.status).toBe('down');
      }
    } finally {
      redis.wake();
      await Promise.all(others.map((other) => other.store.close()));
    }
    await until(() => store.status === 'up', 5_000);
  });

  it('goes on when scripts or everything are flushed under load', async () => {
    const ends = performance.now() + 600;
    let takes = 0;
    const load = async (): Promise<void> => {
      while (performance.now() < ends) {
        expect(await store.take(chargeOf(1_000_000, 'load'))).toMatchObject({ allowed: true });
        takes++;
      }
    };
    const flush = async (): Promise<void> => {
      for (let turn = 0; performance.now() < ends; turn++) {
        await (turn % 2 === 0 ? admin.script('FLUSH') : admin.flushall());
        await pause(20);
      }
    };
    await Promise.all([...Array.from({ length: 20 }, load), flush()]);
    expect(takes).toBeGreaterThan(500);
    expect(opened.states).toEqual([true]);
  });

  it('waits for a Redis that hangs once, then for nobody, and is back when it wakes', async () => {
    const bucket = freshBucket();
    expect(admitted(await burst(store, 60, bucket, 30))).toBe(30);
    redis.hang();
    const first = await timed(() => burst(store, 60, bucket, 10));
    expect(admitted(first.value)).toBe(10);
    expect(first.ms).toBeLessThan(115);
    const later: number[] = [];
    for (let take = 0; take < 100; take++) later.push((await timed(() => store.take(chargeOf(60, bucket)))).ms);
    expect(Math.max(...later)).toBeLessThan(5);
    expect(store.status).toBe('down');
    await pause(2500);
    redis.wake();
    expect(await until(() => store.status === 'up', 5000)).toBeLessThan(5000);
    expect(opened.states).toEqual([true, false, true]);
  }, 15_000);

  it('admits one bucketful over an outage: the replica goes on where Redis left off, and Redis hears of it', async () => {
    const bucket = freshBucket();
    const before = admitted(await burst(store, 60, bucket, 40));
    redis.hang();
    const meanwhile = admitted(await burst(store, 60, bucket, 100));
    redis.wake();
    await until(() => store.status === 'up', 5000);
    const after = admitted(await burst(store, 60, bucket, 100));
    expect(before).toBe(40);
    expect(meanwhile).toBeGreaterThanOrEqual(20);
    expect(before + meanwhile + after).toBeLessThanOrEqual(63);
  }, 15_000);

  it('blames no Redis for what this process was too busy to read', async () => {
    const taking = burst(store, 60, freshBucket(), 20);
    const until = performance.now() + 200;
    while (performance.now() < until);
    expect(admitted(await taking)).toBe(20);
    expect(opened.states).toEqual([true]);
  });

  it('counts a take that was given up too often rather than too seldom', async () => {
    const bucket = freshBucket();
    let total = 0;
    for (let pulse = 0; pulse < 4; pulse++) {
      redis.hang();
      total += admitted(await burst(store, 30, bucket, 10));
      await pause(50);
      redis.wake();
      await until(() => store.status === 'up', 5000);
    }
    total += admitted(await burst(store, 30, bucket, 60));
    expect(total).toBeLessThanOrEqual(33);
  }, 30_000);

  it('loses no time when Redis is killed, and finds the next one', async () => {
    await store.take(chargeOf(60, 'k'));
    await redis.kill();
    await until(() => store.status === 'down', 1000);
    const during: number[] = [];
    for (let take = 0; take < 200; take++) {
      during.push((await timed(() => store.take(chargeOf(600, 'k')))).ms);
      await pause(2);
    }
    expect(Math.max(...during)).toBeLessThan(10);
    expect(during.toSorted((a, b) => a - b)[100]).toBeLessThan(1);
    await pause(1500);
    await redis.restart();
    expect(await until(() => store.status === 'up', 5000)).toBeLessThan(5000);
    expect(await store.take(chargeOf(60, 'k'))).toMatchObject({ allowed: true });
    expect(opened.states).toEqual([true, false, true]);
  }, 20_000);

  it('asks again after a failover that left it at a replica', async () => {
    await admin.replicaof('127.0.0.1', 1);
    expect(await timed(() => store.take(chargeOf(60, 'f')))).toMatchObject({ value: { allowed: true } });
    expect(store.status).toBe('down');
    await admin.replicaof('NO', 'ONE');
    await until(() => store.status === 'up', 5000);
  }, 10_000);

  it('does not flap when Redis answers but refuses every write', async () => {
    await admin.config('SET', 'maxmemory', '1');
    for (let take = 0; take < 20; take++) {
      expect(await store.take(chargeOf(60, freshBucket()))).toMatchObject({ allowed: true });
      await pause(50);
    }
    expect(opened.states).toEqual([true, false]);
    await admin.config('SET', 'maxmemory', '0');
    await until(() => store.status === 'up', 5000);
  }, 10_000);

  it.each([
    ['deny', 'store_unavailable'],
    ['allow', { allowed: true, remaining: 60, resetMs: 0, retryAfterMs: 0 }],
    ['local', { allowed: true, remaining: 19, retryAfterMs: 0 }],
  ] as const)('does what the operator chose while Redis is away: %s', async (choice, expected) => {
    const { store: chosen } = await open(redis.url, choice, 3);
    redis.hang();
    const first = await timed(() => chosen.take(chargeOf(60, freshBucket())));
    redis.wake();
    if (typeof expected === 'string') expect(first.value).toBe(expected);
    else expect(first.value).toMatchObject(expected);
    expect(first.ms).toBeLessThan(115);
    await chosen.close();
  });

  it('closes in no time, with Redis well or hung, and leaves nobody waiting', async () => {
    const { store: closing } = await open(redis.url);
    redis.hang();
    const waiting = closing.take(chargeOf(60, 'c'));
    const closed = await timed(() => closing.close());
    redis.wake();
    expect(closed.ms).toBeLessThan(500);
    expect(await waiting).toMatchObject({ allowed: true });
  });

  it('gives close to all of a high limit, and never more, under load from two replicas', async () => {
    const another = await open(redis.url);
    const [bucket, limit] = [freshBucket(), 60_000];
    // Emptied first: what follows is what comes in.
    await store.take({ ...chargeOf(limit, bucket), debtMs: 60_000 });
    const began = performance.now();
    let taken = 0;
    const load = async (door: RedisRateLimitStore): Promise<void> => {
      while (performance.now() - began < 2000) {
        const decision = await door.take(chargeOf(limit, bucket));
        if (decision !== 'store_unavailable' && decision.allowed) taken++;
      }
    };
    await Promise.all(Array.from({ length: 32 }, (_, index) => load(index % 2 === 0 ? store : another.store)));
    const seconds = (performance.now() - began) / 1000;
    expect(taken).toBeLessThanOrEqual(seconds * 1000 + 5);
    expect(taken).toBeGreaterThanOrEqual(1960);
    await another.store.close();
  }, 10_000);

  it('starts without a Redis, says so once, and finds it later', async () => {
    const late = await startRedis();
    await late.kill();
    const opening = await timed(() => open(late.url, 'local', 2));
    const { store, states } = opening.value;
    expect(opening.ms).toBeLessThan(1500);
    expect(store.take(chargeOf(60, 'a'))).toMatchObject({ allowed: true, remaining: 29 });
    await pause(1000);
    expect(states).toEqual([false]);
    await late.restart();
    await until(() => store.status === 'up', 5000);
    expect(states).toEqual([false, true]);
    await store.close();
    await late.stop();
  }, 15_000);
});
