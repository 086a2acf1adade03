import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { NameServer, type NameRecord } from '../../doubles/name-server.js';
import { programOnPath } from '../../doubles/program-on-path.js';
import { Checks } from '../checks.js';
import { clientCall, errorCodeOf, isDone } from '../client-call.js';
import { FaultUpstream } from '../fault-upstream.js';
import type { Kit } from '../kit.js';
import { openLoop, percentile } from '../open-loop-client.js';
import type { FaultRow, Observation, RowClass } from '../row.js';
import type { TriedGateway } from '../tried-gateway.js';
import { reasonsOf } from './upstream-tls.js';

interface NamedWorld {
  readonly names: NameServer;
  /** A gateway that knows no other name server. */
  start(env: Readonly<{ [name: string]: string }>): Promise<TriedGateway>;
}

/** A row with a name server of its own, in the place of the system's for the gateway alone: takes a mount namespace, and port 53 of a loopback address. */
function named(name: string, expected: string, run: (kit: Kit, world: NamedWorld) => Promise<Observation>): FaultRow {
  return {
    name,
    lane: 'full',
    expected,
    waives: ['client-count', 'ledger-count', 'steady-time'],
    run: async (kit) => {
      if (process.getuid?.() !== 0 || programOnPath('unshare') === undefined)
        return { passed: false, observed: 'not run: it takes root and unshare to give a process name servers of its own', figure: '' };
      const names = await NameServer.start({}, 53, NAME_SERVER);
      const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-names-'));
      kit.onEnd(() => rmSync(folder, { recursive: true, force: true }));
      const resolver = join(folder, 'resolv.conf');
      writeFileSync(resolver, `nameserver ${NAME_SERVER}\n`);
      const under = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"', resolver];
      // The next row needs the port.
      return run(kit, { names, start: (env) => kit.start(env, { under }) }).finally(() => names.close());
    },
  };
}

/** How long `/livez` takes, again and again until told to stop. */
function watchLife(gateway: TriedGateway): () => Promise<readonly number[]> {
  const times: number[] = [];
  let isOver = false;
  const watching = (async () => {
    for (; !isOver; await wait(25)) times.push((await clientCall(gateway.port, { path: '/livez' })).ms);
  })();
  return async () => {
    isOver = true;
    await watching;
    return times;
  };
}

async function untilMetric(gateway: TriedGateway, name: string, labels: { [name: string]: string }, withinMs = 6_000): Promise<boolean> {
  for (const until = performance.now() + withinMs; performance.now() < until; await wait(50))
    if ((await gateway.scrape()).sum(name, labels) > 0) return true;
  return false;
}

const NAME_SERVER = '127.66.53.1';
const HUNG = Array.from({ length: 10 }, (_, index) => `hung${index}`);
const GOOD = Array.from({ length: 10 }, (_, index) => `good${index}`);

export const NAMES: RowClass = {
  name: 'names',
  title: 'Names of upstreams',
  rows: [
    named(
      'names-that-hang',
      'of 20 names 10 are never answered: calls to the others, each over a new connection, are not slowed (99 % ≤ 150 ms), /livez ≤ 100 ms, settings are reloaded; a name that falls silent later goes on',
      async (kit, { names, start }) => {
        const checks = new Checks();
        for (const name of HUNG) names.records.set(`${name}.test`, 'silent');
        for (const name of GOOD) names.records.set(`${name}.test`, { addresses: ['127.0.0.1'] });
        const file = join(mkdtempSync(join(tmpdir(), 'nexus-faults-names-')), 'gateway.yaml');
        kit.onEnd(() => rmSync(join(file, '..'), { recursive: true, force: true }));
        writeFileSync(file, 'rate_limit_per_minute: 0\n');
        const gateway = await start({
          GATEWAY_CONFIG_FILE: file,
          GATEWAY_RATE_LIMIT_PER_MINUTE: '',
          GATEWAY_UPSTREAMS: [...HUNG, ...GOOD].map((name) => `${name}=http://${name}.test:${kit.upstream.port}/no-keep-alive/v1`).join(';'),
        });
        const life = watchLife(gateway);
        const lateBefore = gateway.waitedForProcessorMs;
        const hung = openLoop(25, 5_000, (index) => kit.call({ model: HUNG[index % HUNG.length] ?? '', gateway }));
        await wait(1_000);
        const good = await openLoop(50, 3_000, (index) => kit.call({ model: GOOD[index % GOOD.length] ?? '', gateway }));
        writeFileSync(file, 'rate_limit_per_minute: 0\nretry_budget_percent: 10\n');
        gateway.signal('SIGHUP');
        checks.that(await untilMetric(gateway, 'nexus_config_reload_total', { result: 'ok' }), 'new settings were not taken');
        for (const { status, text } of (await hung).replies) checks.that(status === 504, () => `a name that hangs: ${status} ${text.slice(0, 100)}`);
        checks.that((await reasonsOf(gateway, 'hung0')).includes('EAI_AGAIN'), 'the log does not say that it is the name');
        const lateMs = gateway.waitedForProcessorMs - lateBefore;
        const lives = await life();
        for (const { status, text } of good.replies) checks.that(status === 200, () => `a good name: ${status} ${text.slice(0, 100)}`);
        const goodMs = percentile(
          good.replies.map(({ ms }) => ms),
          0.99,
        );
        checks.that(goodMs <= 150 + lateMs, () => `good names took ${goodMs.toFixed()} ms`);
        // Nothing was known of them before: their questions stood behind those that hang, if any do.
        const firstMs = percentile(
          good.replies.slice(0, GOOD.length).map(({ ms }) => ms),
          0.5,
        );
        checks.that(firstMs <= 150, () => `the first call of a good name took ${firstMs.toFixed()} ms`);
        const liveMs = percentile(lives, 0.99);
        checks.that(liveMs <= 100 + lateMs, () => `/livez took ${liveMs.toFixed()} ms`);
        // All are silent now; what was known holds.
        for (const name of GOOD) names.records.set(`${name}.test`, 'silent');
        const later = await openLoop(25, 3_000, (index) => kit.call({ model: GOOD[index % GOOD.length] ?? '', gateway }));
        for (const { status, text } of later.replies) checks.that(status === 200, () => `a name that fell silent: ${status} ${text.slice(0, 100)}`);
        await gateway.stop();
        return checks.done(
          `good names ${firstMs.toFixed()} ms at first (median), ${goodMs.toFixed()} ms, /livez ${liveMs.toFixed()} ms (99th percentiles), ${good.replies.length} and ${later.replies.length} calls`,
        );
      },
    ),
    named(
      'name-moves',
      'an upstream’s name moves to another address (TTL 1): new calls go there within TTL + 5 s, streams that run stay and end whole, no call fails',
      async (kit, { names, start }) => {
        const checks = new Checks();
        const record = (address: string): NameRecord => ({ addresses: [address], ttl: 1 });
        const old = await FaultUpstream.start(0, '127.0.0.2');
        kit.onEnd(() => old.close());
        const moved = await FaultUpstream.start(old.port, '127.0.0.3');
        kit.onEnd(() => moved.close());
        names.records.set('moving.test', record('127.0.0.2'));
        const gateway = await start({
          GATEWAY_UPSTREAMS: `short=http://moving.test:${old.port}/ok/v1;stream=http://moving.test:${old.port}/ok-stream:80,100/v1`,
        });
        const load = openLoop(40, 9_000, () => kit.call({ model: 'short', gateway }));
        const streams = kit.many(20, () => ({ model: 'stream', stream: true, gateway }));
        await wait(1_500);
        checks.equal('streams where they began', old.ledger.of('ok-stream:80,100').length, 20);
        names.records.set('moving.test', record('127.0.0.3'));
        const movedAt = old.ledger.now();
        const { replies } = await load;
        for (const { status, text } of replies) checks.that(status === 200, () => `${status} ${text.slice(0, 100)}`);
        for (const reply of await streams) checks.that(isDone(reply), 'a stream was cut');
        const lastMs = Math.max(0, ...old.ledger.of('ok').map(({ arrivedAt }) => arrivedAt - movedAt));
        checks.that(lastMs <= 6_000, () => `the last call to the old address came ${lastMs.toFixed()} ms after the move`);
        checks.that(moved.ledger.of('ok').length > 50, () => `${moved.ledger.of('ok').length} calls to the new address`);
        await gateway.stop();
        return checks.done(`followed after ${lastMs.toFixed()} ms, ${replies.length} calls, 20 streams whole`);
      },
    ),
    named(
      'name-moves-from-the-dead',
      'the address of a name dies, and the name moves, with a TTL of a minute: whoever finds nobody there asks for the name anew, and no call fails',
      async (kit, { names, start }) => {
        const checks = new Checks();
        const old = await FaultUpstream.start(0, '127.0.0.2');
        const { port } = old;
        const moved = await FaultUpstream.start(port, '127.0.0.3');
        kit.onEnd(() => moved.close());
        names.records.set('moving.test', { addresses: ['127.0.0.2'], ttl: 60 });
        const gateway = await start({ GATEWAY_UPSTREAMS: `short=http://moving.test:${port}/no-keep-alive/v1` });
        const load = openLoop(20, 3_000, () => kit.call({ model: 'short', gateway }));
        await wait(1_500);
        names.records.set('moving.test', { addresses: ['127.0.0.3'], ttl: 60 });
        await old.close();
        for (const { status, text } of (await load).replies) checks.that(status === 200, () => `${status} ${text.slice(0, 100)}`);
        const arrived = moved.ledger.of('no-keep-alive').length;
        checks.that(arrived > 15, () => `${arrived} calls to the new address`);
        const failed = (await gateway.scrape()).sum('nexus_upstream_attempts_total', { upstream: 'short', outcome: 'unreachable' });
        await gateway.stop();
        return checks.done(`${failed} attempts found nobody, no call failed, ${arrived} of 60 at the new address`);
      },
    ),
    named(
      'names-unasked',
      'for upstreams with an address of numbers, or on this machine, no name server is asked for anything',
      async (kit, { names, start }) => {
        const checks = new Checks();
        const { port } = kit.upstream;
        const gateway = await start({
          GATEWAY_UPSTREAMS: `number=http://127.0.0.1:${port}/ok/v1;here=http://localhost:${port}/ok/v1`,
        });
        const { replies } = await openLoop(10, 3_000, (index) => kit.call({ model: ['number', 'here'][index % 2] ?? '', gateway }));
        for (const { status } of replies) checks.equal('status', status, 200);
        for (const path of ['/health', '/metrics', '/docs', '/v1/models']) await clientCall(gateway.port, { path });
        checks.equal('questions', names.asked.length, 0);
        await gateway.stop();
        return checks.done(`${names.asked.length} questions${names.asked.length > 0 ? `: ${names.asked[0]}` : ''}`);
      },
    ),
    named(
      'names-that-fail',
      'a name that does not exist, has no address, or whose server fails: 502 within 1 s, the reason in the log alone; known again, it serves; of a name’s addresses one that refuses or cannot be reached is passed over',
      async (kit, { names, start }) => {
        const checks = new Checks();
        const good: NameRecord = { addresses: ['127.0.0.1'] };
        const bad: { readonly [name: string]: NameRecord | undefined } = { unknown: undefined, empty: { addresses: [] }, failing: 'fails' };
        for (const [name, record] of Object.entries(bad)) if (record !== undefined) names.records.set(`${name}.test`, record);
        // Nobody listens at the first, and there is no way to the other.
        names.records.set('several.test', { addresses: ['127.0.0.9', '127.0.0.1', '::1'] });
        names.records.set('six.test', { addresses: ['fd00::9', '127.0.0.1'] });
        const gateway = await start({
          GATEWAY_UPSTREAMS: [...Object.keys(bad), 'several', 'six']
            .map((name) => `${name}=http://${name}.test:${kit.upstream.port}/no-keep-alive/v1`)
            .join(';'),
        });
        let slowestMs = 0;
        for (const name of Object.keys(bad)) {
          const reply = await kit.call({ model: name, gateway });
          slowestMs = Math.max(slowestMs, reply.ms);
          checks.equal(`${name}: code`, errorCodeOf(reply), 'upstream_unreachable');
          checks.that(reply.ms < 1_000 + kit.lateMs, () => `${name}: ${reply.ms.toFixed()} ms`);
          const told = (): boolean =>
            gateway
              .lines()
              .some(
                ({ event, upstream, reason }) =>
                  event === 'unreachable' && upstream === name && /^E(NOTFOUND|NODATA|SERVFAIL|AI_AGAIN)$/.test(String(reason)),
              );
          for (let tries = 0; tries < 100 && !told(); tries++) await wait(20);
          checks.that(told(), () => `${name}: the log does not say why`);
          names.records.set(`${name}.test`, good);
          checks.equal(`${name}: known again`, (await kit.call({ model: name, gateway })).status, 200);
        }
        for (const name of ['several', 'six'])
          for (const { status, text } of await kit.many(10, () => ({ model: name, gateway })))
            checks.that(status === 200, () => `${name}: ${status} ${text.slice(0, 100)}`);
        await gateway.stop();
        return checks.done(`refused after ${slowestMs.toFixed()} ms at most`);
      },
    ),
    named(
      'start-without-names',
      'no name is answered, neither Redis’ nor the key set’s nor the upstream’s: it listens and is ready in ≤ 3 s, calls end at the connect time; once names are answered, calls are served at once and Redis is used within 10 s',
      async (kit, { names, start }) => {
        const checks = new Checks();
        const redis = await kit.redis();
        const places = ['redis.test', 'keys.test', 'upstream.test'];
        for (const name of places) names.records.set(name, 'silent');
        const startedAt = performance.now();
        const gateway = await start({
          GATEWAY_UPSTREAMS: `a=http://upstream.test:${kit.upstream.port}/ok/v1`,
          GATEWAY_REDIS_URL: `redis://redis.test:${redis.port}`,
          GATEWAY_RATE_LIMIT_PER_MINUTE: '6000',
          GATEWAY_JWT_JWKS_URL: 'https://keys.test/keys',
          GATEWAY_JWT_ALGORITHMS: 'RS256',
        });
        const readyMs = performance.now() - startedAt;
        checks.that(readyMs < 3_000 + kit.lateMs, () => `ready after ${readyMs.toFixed()} ms`);
        const life = watchLife(gateway);
        const { replies } = await openLoop(10, 6_000, () => kit.call({ model: 'a', gateway }));
        for (const { status, ms } of replies) checks.that(status === 504 && ms < 1_500 + kit.lateMs, () => `${status} after ${ms.toFixed()} ms`);
        const liveMs = percentile(await life(), 0.99);
        checks.that(liveMs <= 100 + kit.lateMs, () => `/livez took ${liveMs.toFixed()} ms`);
        for (const name of places) names.records.set(name, { addresses: ['127.0.0.1'] });
        const backAt = performance.now();
        const served = async (): Promise<boolean> => (await kit.call({ model: 'a', gateway })).status === 200;
        while (!(await served()) && performance.now() - backAt < 8_000) await wait(50);
        const servedMs = performance.now() - backAt;
        checks.that(servedMs < 4_000 + kit.lateMs, () => `served after ${servedMs.toFixed()} ms`);
        checks.that(await untilMetric(gateway, 'nexus_redis_up', {}, 15_000), 'Redis is not used');
        const redisMs = performance.now() - backAt;
        checks.that(redisMs < 10_000 + kit.lateMs, () => `Redis is used after ${redisMs.toFixed()} ms`);
        await gateway.stop();
        return checks.done(
          `ready after ${readyMs.toFixed()} ms; once names are answered, served after ${servedMs.toFixed()} ms, Redis used after ${redisMs.toFixed()} ms`,
        );
      },
    ),
  ],
};
