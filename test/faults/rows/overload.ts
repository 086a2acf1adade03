import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Checks } from '../checks.js';
import { clientCall, errorCodeOf, type ClientReply } from '../client-call.js';
import type { Kit } from '../kit.js';
import type { LedgerEntry } from '../ledger.js';
import { percentile } from '../open-loop-client.js';
import type { RowClass } from '../row.js';
import { HEAP_CEILING } from './heap.js';
import { BEYOND_CAPACITY } from './beyond-capacity.js';

function mostAtOnce(entries: readonly LedgerEntry[]): number {
  const turns = entries.flatMap(({ arrivedAt, endedAt }) => [
    [arrivedAt, 1],
    [endedAt ?? Infinity, -1],
  ]) as [number, number][];
  let now = 0;
  let most = 0;
  for (const [, change] of turns.toSorted(([one, up], [other, down]) => one - other || up - down)) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

function checkShed(checks: Checks, reply: ClientReply): void {
  checks.equal('status', reply.status, 503);
  checks.equal('code', errorCodeOf(reply), 'overloaded');
  checks.that(Number(reply.headers['retry-after']) >= 1, () => `retry-after ${String(reply.headers['retry-after'])}`);
}

/** Messages without meaning: work for whoever parses them. */
function wideBody(kit: Kit, to: string, count: number): string {
  const messages = `[${Array.from({ length: count }, () => '{}').join(',')}]`;
  return `{"model":"${kit.name(to)}","messages":${messages}}`;
}

const MEMORY_GROUPS = '/sys/fs/cgroup/memory';

export const OVERLOAD: RowClass = {
  name: 'overload',
  title: 'Too much at once',
  rows: [
    {
      name: 'concurrency-cap',
      lane: 'quick',
      expected: 'three hundred calls at a cap of 50: never more than 50 at the upstream, the rest refused within 50 ms',
      upstreams: { capped: 'slow:400?max_concurrency=50', helped: 'slow:400,x?max_concurrency=50', spare: 'ok' },
      fallbacks: { helped: ['spare'] },
      run: async (kit) => {
        const checks = new Checks();
        const replies = await kit.many(300, () => ({ to: 'capped' }));
        const refused = replies.filter(({ status }) => status !== 200);
        for (const reply of refused) checkShed(checks, reply);
        checks.equal('served', replies.length - refused.length, 50);
        const most = mostAtOnce(kit.ledger('capped'));
        checks.that(most <= 50, () => `${most} at once`);
        // The gateway's own account: a burst of 300 keeps the client busy for longer than it takes to refuse them.
        await kit.logLine('capped');
        const refusedMs = kit.gateway
          .lines('request')
          .filter(({ model, status }) => model === kit.name('capped') && status === 503)
          .map((line) => Number(line['duration_ms']));
        checks.that(percentile(refusedMs, 0.99) <= 50 + kit.lateMs, () => `refused after ${percentile(refusedMs, 0.99).toFixed()} ms`);
        const helped = await kit.many(100, () => ({ to: 'helped' }));
        for (const { status } of helped) checks.equal('with a fallback', status, 200);
        return checks.done(`${most} at once; ${refused.length} refused in ${percentile(refusedMs, 0.99).toFixed(1)} ms (99th percentile)`);
      },
    },
    {
      name: 'fair-slots',
      lane: 'quick',
      expected: 'one principal asks for every slot of an upstream and more: another who calls it now and then is served as before',
      upstreams: { capped: 'slow:400?max_concurrency=40' },
      run: async (kit) => {
        const checks = new Checks();
        checks.equal('before', (await kit.call({ to: 'capped', key: kit.otherKey })).status, 200);
        const greedy = kit.many(200, () => ({ to: 'capped' }));
        await wait(150);
        const others = await kit.many(5, () => ({ to: 'capped', key: kit.otherKey }));
        for (const { status } of others) checks.equal('meanwhile', status, 200);
        const served = (await greedy).filter(({ status }) => status === 200).length;
        checks.equal('served of the greedy', served, 35);
        return checks.done(`${served} of 200 served beside 5 of 5`);
      },
    },
    {
      name: 'concurrency-queue',
      lane: 'quick',
      expected: 'with half a second of queue: as many as fit wait and are served, the rest are refused at its end',
      settings: { GATEWAY_UPSTREAM_QUEUE_MS: '500' },
      upstreams: { capped: 'slow:200?max_concurrency=20' },
      run: async (kit) => {
        const checks = new Checks();
        const replies = await kit.many(150, () => ({ to: 'capped' }));
        const served = replies.filter(({ status }) => status === 200).length;
        for (const reply of replies.filter(({ status }) => status !== 200)) {
          checkShed(checks, reply);
          checks.that(reply.ms < 900 + kit.lateMs, () => `refused after ${reply.ms.toFixed()} ms`);
        }
        checks.that(served >= 20 && served <= 80, () => `${served} served`);
        const most = mostAtOnce(kit.ledger('capped'));
        checks.that(most <= 20, () => `${most} at once`);
        return checks.done(`${served} of 150 served, ${most} at once`);
      },
    },
    {
      name: 'idle-connections',
      lane: 'full',
      expected: 'a thousand connections that say nothing are closed after the header time (3 s)',
      run: async (kit) => {
        const checks = new Checks();
        const startedAt = performance.now();
        let closed = 0;
        let lastMs = 0;
        const sockets = Array.from({ length: 1_000 }, () =>
          connect(kit.gateway.port, '127.0.0.1')
            .on('error', () => undefined)
            .on('close', () => {
              closed++;
              lastMs = performance.now() - startedAt;
            })
            .resume(),
        );
        while (closed < sockets.length && performance.now() - startedAt < 6_000) await wait(20);
        for (const socket of sockets) socket.destroy();
        checks.equal('closed', closed, 1_000);
        checks.that(lastMs < 4_500, () => `the last after ${lastMs.toFixed()} ms`);
        return checks.done(`the last closed after ${lastMs.toFixed()} ms`);
      },
    },
    {
      name: 'wide-bodies',
      lane: 'full',
      expected: 'twenty bodies of 900,000 bytes of tiny messages at once: answered, and others are served between them',
      // The upstream of this kit takes them to pieces too, and shares the machine.
      settings: { GATEWAY_REQUEST_TIMEOUT_SECONDS: '10' },
      upstreams: { a: 'ok' },
      run: async (kit) => {
        const checks = new Checks();
        const body = wideBody(kit, 'a', 300_000);
        const cpuBefore = kit.gateway.cpuMs;
        const replies = await kit.many(20, () => ({ to: 'a', body }));
        const cpuMs = (kit.gateway.cpuMs - cpuBefore) / 20;
        for (const { status } of replies) checks.that(status === 200 || status === 400 || status === 503, () => `${status}`);
        return checks.done(`${cpuMs.toFixed()} ms of processor time a body of ${(body.length / 1e6).toFixed(1)} MB`);
      },
    },
    {
      name: 'label-flood',
      lane: 'quick',
      expected: 'thousands of made-up models, paths, methods and keys: 404, 405, 401, and not one series more',
      settings: { GATEWAY_AUTH_FAILURES_PER_MINUTE: '1000000' },
      upstreams: { a: 'ok' },
      waives: ['client-count', 'steady-time'],
      run: async (kit) => {
        const checks = new Checks();
        for (let round = 0; round < 20; round++) {
          for (const { status } of await kit.many(40, (index) => ({ model: `made-up-${round}-${index}` }))) checks.equal('model', status, 404);
          for (const { status } of await kit.many(40, (index) => ({ method: 'GET', path: `/v1/made-up/${round}/${index}` })))
            checks.equal('path', status, 404);
          for (const { status } of await kit.many(20, (index) => ({ to: 'a', key: `sk-made-up-${round}-${index}` })))
            checks.equal('key', status, 401);
          for (const { status } of await kit.many(4, (index) => ({ method: ['PUT', 'PATCH', 'DELETE', 'PROPFIND'][index] ?? 'PUT', to: 'a' })))
            checks.equal('method', status, 405);
        }
        return checks.done(`${kit.calls} requests`);
      },
    },
    ...BEYOND_CAPACITY,
    {
      name: 'memory-ceiling',
      lane: 'full',
      expected: 'in 300 MB, under two hundred bodies of 3.5 MB at once: sheds with 503, the kernel never kills it, and it recovers',
      upstreams: { a: 'slow:500' },
      waives: ['client-count', 'ledger-count', 'steady-time', 'steady'],
      run: async (kit) => {
        const group = join(MEMORY_GROUPS, `nexus-faults-${process.pid}`);
        try {
          if (!existsSync(join(MEMORY_GROUPS, 'memory.limit_in_bytes'))) throw new Error('no memory controller of version 1');
          mkdirSync(group);
          writeFileSync(join(group, 'memory.limit_in_bytes'), String(300 * 2 ** 20));
        } catch (error) {
          return {
            passed: false,
            observed: `not run: no control group can be made here (${error instanceof Error ? error.message : String(error)})`,
            figure: '',
          };
        }
        const checks = new Checks();
        const gateway = await kit.start({}, { under: ['/bin/sh', '-c', `echo $$ > ${group}/tasks; exec "$@"`, 'sh'] });
        const body = kit.chatBody('a', { padding: 'x'.repeat(3_500_000) });
        const replies: ClientReply[] = [];
        for (let round = 0; round < 3; round++) replies.push(...(await kit.many(200, () => ({ to: 'a', body, gateway }))));
        const kills = Number(/oom_kill (\d+)/.exec(readFileSync(join(group, 'memory.oom_control'), 'utf8'))?.[1] ?? 0);
        const most = Number(readFileSync(join(group, 'memory.max_usage_in_bytes'), 'utf8')) / 2 ** 20;
        checks.equal('kills', kills, 0);
        checks.that(gateway.isAlive, 'the process ended');
        const shed = replies.filter((reply) => errorCodeOf(reply) === 'overloaded').length;
        checks.that(shed > 0, 'nothing was shed');
        await wait(1_000);
        checks.equal('afterwards', (await kit.call({ to: 'a', gateway })).status, 200);
        await gateway.stop();
        await wait(200);
        rmdirSync(group);
        return checks.done(
          `${replies.filter(({ status }) => status === 200).length} served, ${shed} shed, ${kills} kills, at most ${most.toFixed()} MB`,
        );
      },
    },
    HEAP_CEILING,
    {
      name: 'health-under-load',
      lane: 'quick',
      expected: 'probes and metrics are answered ≤ 100 ms (median) while hundreds of calls wait',
      upstreams: { slow: 'slow:800' },
      run: async (kit) => {
        const checks = new Checks();
        const waiting = kit.many(500, () => ({ to: 'slow' }));
        await wait(500);
        const times: number[] = [];
        for (let count = 0; count < 10; count++)
          for (const path of ['/livez', '/readyz', '/metrics', '/health']) {
            const reply = await clientCall(kit.gateway.port, { path });
            checks.equal(path, reply.status, 200);
            times.push(reply.ms);
          }
        for (const { status } of await waiting) checks.equal('a waiting call', status, 200);
        checks.that(percentile(times, 0.5) < 100 + kit.lateMs / 40, () => `${percentile(times, 0.5).toFixed()} ms`);
        return checks.done(`${percentile(times, 0.5).toFixed(1)} ms (median)`);
      },
    },
  ],
};
