import { Redis } from 'ioredis';
import { chargeOf, freshBucket } from '../../test/contracts/rate-limit-store.js';
import { describeWithRedis } from '../../test/doubles/installed-redis.js';
import { type RedisProcess, startRedis } from '../../test/doubles/redis-process.js';
import type { RateDecision } from '../contracts/rate-limit.js';
import { MemoryRateLimitStore } from './memory-rate-limit-store.js';
import { openRedis } from './redis-connection.js';
import { RedisRateLimitStore } from './redis-rate-limit-store.js';
import { StandIn } from './stand-in.js';

async function open(url: string, onDown: () => void = () => undefined): Promise<RedisRateLimitStore> {
  const store = new RedisRateLimitStore(await openRedis(url), new StandIn(new MemoryRateLimitStore(), () => 1), {
    onRedisDown: () => 'local',
    onState: (up) => (up ? undefined : onDown()),
  });
  await store.opened(1000);
  return store;
}

async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const began = performance.now();
  while (!(await condition())) {
    if (performance.now() - began > withinMs) throw new Error(`Not within ${withinMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function asked<T>(node: RedisProcess, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(node.port, '127.0.0.1');
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

const admitted = (decisions: readonly unknown[]): number => decisions.filter((decision) => (decision as RateDecision).allowed).length;

describeWithRedis('sentinels', () => {
  let master: RedisProcess;
  let replica: RedisProcess;
  let sentinel: RedisProcess;

  beforeAll(async () => {
    master = await startRedis();
    replica = await startRedis([`replicaof 127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay 0']);
    await until(() => asked(replica, async (client) => (await client.info('replication')).includes('master_link_status:up')), 10_000);
    sentinel = await startRedis(
      [
        `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
        'sentinel down-after-milliseconds mymaster 300',
        'sentinel failover-timeout mymaster 2000',
      ],
      '--sentinel',
    );
    const knowsReplica = async (client: Redis): Promise<boolean> =>
      ((await client.call('SENTINEL', 'replicas', 'mymaster')) as unknown[]).length === 1;
    await until(() => asked(sentinel, knowsReplica), 15_000);
  }, 30_000);
  afterAll(async () => {
    await Promise.all([sentinel, replica, master].map((process) => process.stop()));
  });

  it('follow the master: limits are kept on, and over a failover they begin no second time', async () => {
    // One of the sentinels is never there.
    const store = await open(`redis+sentinel://127.0.0.1:1,127.0.0.1:${sentinel.port}/mymaster`);
    expect(store.status).toBe('up');
    const bucket = freshBucket();
    const before = admitted(await Promise.all(Array.from({ length: 40 }, () => store.take(chargeOf(60, bucket)))));
    expect(before).toBe(40);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await master.kill();
    await until(() => store.status === 'down', 1000);
    expect(await store.take(chargeOf(60, bucket))).toMatchObject({ allowed: true });
    await until(() => store.status === 'up', 10_000);
    const after = admitted(await Promise.all(Array.from({ length: 100 }, () => store.take(chargeOf(60, bucket)))));
    expect(after).toBeLessThanOrEqual(19 + 10);
    expect(await asked(replica, (client) => client.dbsize())).toBeGreaterThan(0);
    await store.close();
  }, 20_000);
});

describeWithRedis('a cluster', () => {
  let nodes: RedisProcess[] = [];
  let stores: RedisRateLimitStore[] = [];
  let downs = 0;

  beforeAll(async () => {
    const lines = ['cluster-enabled yes', 'cluster-config-file nodes.conf', 'cluster-node-timeout 1000', 'cluster-require-full-coverage no'];
    nodes = await Promise.all([startRedis(lines), startRedis(lines), startRedis(lines)]);
    const last = 16_383;
    for (const [index, node] of nodes.entries()) {
      const first = Math.ceil((index * (last + 1)) / nodes.length);
      const end = Math.ceil(((index + 1) * (last + 1)) / nodes.length) - 1;
      await asked(node, async (client) => {
        await client.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: end - first + 1 }, (_, offset) => String(first + offset)));
        for (const { port } of nodes) await client.call('CLUSTER', 'MEET', '127.0.0.1', String(port));
      });
    }
    const isWhole = async (node: RedisProcess): Promise<boolean> => {
      const info = await asked(node, (client) => client.cluster('INFO'));
      return String(info).includes('cluster_state:ok') && String(info).includes('cluster_slots_ok:16384');
    };
    await until(async () => (await Promise.all(nodes.map(isWhole))).every(Boolean), 10_000);
    const url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
    stores = await Promise.all([open(url, () => downs++), open(url, () => downs++)]);
  }, 20_000);
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all(nodes.map((node) => node.stop()));
  });

  it('keeps exact limits wherever a bucket lies, for all replicas', async () => {
    // A cluster that has just been put together needs a moment to know itself.
    await until(() => stores.every(({ status }) => status === 'up'), 8_000);
    let judged = 0;
    // On a busy machine this process may be too late for an answer, and decides alone for a moment: such a bucket says nothing of the cluster.
    for (let round = 0; judged < 30 && round < 100; round++) {
      await until(() => stores.every(({ status }) => status === 'up'), 8_000);
      const [bucket, before] = [freshBucket(), downs];
      const burst = await Promise.all(Array.from({ length: 15 }, (_, index) => stores[index % 2]?.take(chargeOf(5, bucket))));
      if (downs > before) continue;
      expect(admitted(burst)).toBe(5);
      judged++;
    }
    expect(judged).toBe(30);
    const held = await Promise.all(nodes.map((node) => asked(node, (client) => client.dbsize())));
    expect(held.every((keys) => keys > 0)).toBe(true);
  }, 20_000);

  it('waits once when a node hangs, and is back when it wakes', async () => {
    const [store] = stores as [RedisRateLimitStore];
    await until(() => store.status === 'up', 8_000);
    nodes[1]?.hang();
    const took: number[] = [];
    for (let take = 0; take < 40; take++) {
      const began = performance.now();
      expect(await store.take(chargeOf(60, freshBucket()))).toMatchObject({ allowed: true });
      took.push(performance.now() - began);
    }
    nodes[1]?.wake();
    // One of them waits for its deadline, and none after it does; a few may have waited for the processor.
    const waited = took.filter((ms) => ms > 60).length;
    expect(waited).toBeGreaterThanOrEqual(1);
    expect(waited).toBeLessThanOrEqual(4);
    await until(() => store.status === 'up', 5000);
  }, 20_000);
});
