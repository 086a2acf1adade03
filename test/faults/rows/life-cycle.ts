import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../doubles/free-port.js';
import { programOnPath } from '../../doubles/program-on-path.js';
import { StartedChild } from '../../doubles/started-child.js';
import { Checks } from '../checks.js';
import { clientCall, errorCodeOf, isDone, type ClientReply } from '../client-call.js';
import type { Kit } from '../kit.js';
import { openLoop } from '../open-loop-client.js';
import type { FaultRow, Observation, RowClass } from '../row.js';
import type { TriedGateway } from '../tried-gateway.js';
import { CONTAINED } from './contained.js';
import { FROZEN } from './frozen.js';
import { STEADY_RUN } from './steady-run.js';

const QUICK_ROWS = new Set(['end-with-live-streams', 'end-longer-than-the-grace', 'start-in-a-dead-world', 'log-disk-full']);

/** A row whose subject is a gateway of its own; the shared one stands beside. */
function ownGateway(
  name: string,
  expected: string,
  upstreams: FaultRow['upstreams'],
  run: (kit: Kit) => Promise<Observation>,
  lane: FaultRow['lane'] = QUICK_ROWS.has(name) ? 'quick' : 'full',
): FaultRow {
  return { name, lane, expected, ...(upstreams === undefined ? {} : { upstreams }), waives: ['client-count', 'ledger-count', 'steady-time'], run };
}

async function ended(gateway: TriedGateway, signals: readonly NodeJS.Signals[], gapMs = 100): Promise<{ code: number | null; ms: number }> {
  const startedAt = performance.now();
  const [first = 'SIGTERM', ...more] = signals;
  const end = gateway.stop(first, 30_000);
  for (const signal of more) {
    await wait(gapMs);
    gateway.signal(signal);
  }
  return { code: await end, ms: performance.now() - startedAt };
}

function configFile(text: string): { path: string; write(text: string): void; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-config-'));
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, text);
  return { path, write: (next) => writeFileSync(path, next), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function untilMetric(gateway: TriedGateway, name: string, labels: Record<string, string>, least: number): Promise<boolean> {
  for (const until = performance.now() + 6_000; performance.now() < until; await wait(50))
    if ((await gateway.scrape()).sum(name, labels) >= least) return true;
  return false;
}

export const LIFE_CYCLE: RowClass = {
  name: 'life-cycle',
  title: 'Life and end of the process',
  rows: [
    ownGateway(
      'end-with-live-streams',
      'SIGTERM under 200 live streams: not ready at once, still accepting in the delay, none cut, none refused, exit 0 ≤ 1 s after the last',
      { stream: 'ok-stream:30,100', short: 'ok' },
      async (kit) => {
        const checks = new Checks();
        const gateway = await kit.start({ GATEWAY_DRAIN_DELAY_SECONDS: '1' });
        const streams = kit.many(200, () => ({ to: 'stream', stream: true, gateway }));
        let lastAt = 0;
        void streams.then(() => (lastAt = performance.now()));
        await wait(1_200);
        const agent = new Agent({ keepAlive: true, maxSockets: 4 });
        await kit.call({ to: 'short', gateway, agent });
        const end = ended(gateway, ['SIGTERM']);
        await wait(100);
        checks.equal('ready in the delay', (await clientCall(gateway.port, { path: '/readyz' })).status, 503);
        const inDelay: ClientReply[] = [];
        for (const until = performance.now() + 600; performance.now() < until;) inDelay.push(await kit.call({ to: 'short', gateway, agent }));
        for (const { status } of inDelay) checks.equal('a call in the delay', status, 200);
        const whole = (await streams).filter((reply) => reply.status === 200 && isDone(reply)).length;
        const { code } = await end;
        const afterMs = performance.now() - lastAt;
        agent.destroy();
        checks.equal('whole streams', whole, 200);
        checks.equal('exit code', code, 0);
        checks.that(afterMs < 1_500, () => `ended ${afterMs.toFixed()} ms after the last stream`);
        return checks.done(`${200 - whole} cut, ${inDelay.length} calls served in the delay, exit ${afterMs.toFixed()} ms after the last stream`);
      },
    ),
    ownGateway(
      'end-longer-than-the-grace',
      'a stream longer than the drain time (2 s) is told shutting_down; exit 0 in time',
      { endless: 'endless:50' },
      async (kit) => {
        const checks = new Checks();
        const gateway = await kit.start({ GATEWAY_DRAIN_TIMEOUT_SECONDS: '2' });
        const stream = kit.call({ to: 'endless', stream: true, gateway });
        await wait(500);
        const { code, ms } = await ended(gateway, ['SIGTERM']);
        const reply = await stream;
        checks.equal('code', errorCodeOf(reply), 'shutting_down');
        checks.that(!isDone(reply) && !reply.cut, 'the stream did not end cleanly');
        checks.equal('exit code', code, 0);
        checks.that(ms < 2_500, () => `${ms.toFixed()} ms`);
        return checks.done(`${ms.toFixed()} ms`);
      },
    ),
    ownGateway('end-with-idle-clients', 'three hundred idle connections do not delay the end', undefined, async (kit) => {
      const checks = new Checks();
      const gateway = await kit.start({});
      const sockets = Array.from({ length: 300 }, () => connect(gateway.port, '127.0.0.1').on('error', () => undefined));
      for (const socket of sockets.slice(0, 150)) socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
      await wait(500);
      const { code, ms } = await ended(gateway, ['SIGTERM']);
      for (const socket of sockets) socket.destroy();
      checks.equal('exit code', code, 0);
      checks.that(ms < 1_500, () => `${ms.toFixed()} ms`);
      return checks.done(`${ms.toFixed()} ms`);
    }),
    ownGateway('end-by-signals', 'SIGINT and SIGHUP end it like SIGTERM; a second signal ends it at once', { hung: 'hang' }, async (kit) => {
      const checks = new Checks();
      for (const signal of ['SIGINT', 'SIGHUP'] as const) {
        const { code, ms } = await ended(await kit.start({}), [signal]);
        checks.that(code === 0 && ms < 1_500, () => `${signal}: ${code} after ${ms.toFixed()} ms`);
      }
      const gateway = await kit.start({});
      const held = kit.call({ to: 'hung', gateway });
      await wait(200);
      const { code, ms } = await ended(gateway, ['SIGTERM', 'SIGTERM']);
      await held;
      checks.equal('exit code of the second', code, 143);
      checks.that(ms < 1_100, () => `${ms.toFixed()} ms`);
      return checks.done(`${ms.toFixed()} ms for two`);
    }),
    ownGateway('start-in-a-dead-world', 'Redis, key set and upstreams dead: it listens and is ready in ≤ 3 s', { dead: 'refused' }, async (kit) => {
      const checks = new Checks();
      const startedAt = performance.now();
      const gateway = await kit.start({
        GATEWAY_REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
        GATEWAY_JWT_JWKS_URL: `http://127.0.0.1:${await freePort()}/keys`,
        GATEWAY_JWT_ALGORITHMS: 'RS256',
      });
      const ms = performance.now() - startedAt;
      checks.that(ms < 3_000, () => `${ms.toFixed()} ms`);
      await kit.many(10, () => ({ to: 'dead', gateway }));
      for (const path of ['/livez', '/readyz']) checks.equal(path, (await clientCall(gateway.port, { path })).status, 200);
      await gateway.stop();
      return checks.done(`${ms.toFixed()} ms`);
    }),
    ownGateway('killed-and-started', 'killed under load, it is ready again in ≤ 3 s', { a: 'slow:50' }, async (kit) => {
      const checks = new Checks();
      const gateway = await kit.start({});
      const load = openLoop(50, 1_000, () => kit.call({ to: 'a', gateway }));
      await wait(500);
      await gateway.stop('SIGKILL');
      await load;
      const startedAt = performance.now();
      const again = await kit.start({ GATEWAY_PORT: String(gateway.port) });
      const ms = performance.now() - startedAt;
      checks.equal('first call', (await kit.call({ to: 'a', gateway: again })).status, 200);
      checks.that(ms < 3_000, () => `${ms.toFixed()} ms`);
      await again.stop();
      return checks.done(`${ms.toFixed()} ms`);
    }),
    ownGateway(
      'reload-under-load',
      'good, faulty and half-written settings, many times under load: no call fails, faulty ones are refused whole',
      { a: 'ok' },
      async (kit) => {
        const checks = new Checks();
        const file = configFile('rate_limit_per_minute: 0\n');
        kit.onEnd(() => file.remove());
        const gateway = await kit.start({ GATEWAY_CONFIG_FILE: file.path, GATEWAY_RATE_LIMIT_PER_MINUTE: '' });
        const load = openLoop(40, 5_000, () => kit.call({ to: 'a', gateway }));
        for (let count = 0; count < 20; count++) {
          file.write(count % 2 === 0 ? `retry_budget_percent: ${count}\nrate_limit_per_minute: 0\n` : 'rate_limit_per_minute: {');
          gateway.signal('SIGHUP');
          await wait(50);
        }
        file.write('rate_limit_per_minute: many\nunknown_name: 1\n');
        const isNamed = (): boolean => gateway.out.includes('unknown_name');
        for (const until = performance.now() + 6_000; !isNamed() && performance.now() < until;) await wait(50);
        checks.that(isNamed(), 'the log does not name what was wrong');
        checks.that(await untilMetric(gateway, 'nexus_config_reload_total', { result: 'refused' }, 1), 'nothing was refused');
        file.write('rate_limit_per_minute: 0\n');
        for (const { status } of (await load).replies) checks.equal('status', status, 200);
        await gateway.stop();
        return checks.done('200 calls');
      },
    ),
    ownGateway(
      'reload-removes-an-upstream',
      'streams of an upstream that the settings lose go on to their end',
      { stream: 'ok-stream:20,100', other: 'ok' },
      async (kit) => {
        const checks = new Checks();
        const { upstreams } = await kit.upstreamSettings();
        const entry = (index: number): string => {
          const [name = '', url = ''] = (upstreams[index] ?? '').split(/=(.*)/s);
          return `  ${JSON.stringify(name)}: ${JSON.stringify(url)}\n`;
        };
        const file = configFile(`upstreams:\n${entry(0)}${entry(1)}`);
        kit.onEnd(() => file.remove());
        const gateway = await kit.start({ GATEWAY_CONFIG_FILE: file.path, GATEWAY_UPSTREAMS: '' });
        const streams = kit.many(20, () => ({ to: 'stream', stream: true, gateway }));
        await wait(500);
        file.write(`upstreams:\n${entry(1)}`);
        checks.that(await untilMetric(gateway, 'nexus_config_reload_total', { result: 'ok' }, 1), 'not reloaded');
        checks.equal('the one that is gone', (await kit.call({ to: 'stream', gateway })).status, 404);
        const whole = (await streams).filter((reply) => isDone(reply)).length;
        checks.equal('whole streams', whole, 20);
        await gateway.stop();
        return checks.done(`${20 - whole} cut`);
      },
    ),
    ownGateway('log-disk-full', 'the disk of the log is full: calls are served, lost lines are counted', { a: 'ok' }, async (kit) => {
      const checks = new Checks();
      const gateway = await kit.start({}, { under: ['/bin/sh', '-c', 'exec "$@" >/dev/full', 'sh'] });
      for (const { status } of await kit.many(50, () => ({ to: 'a', gateway }))) checks.equal('status', status, 200);
      const lost = (await gateway.scrape()).sum('nexus_log_lines_dropped_total');
      checks.that(lost > 0, 'lost lines are not counted');
      checks.equal('exit code', await gateway.stop(), 0);
      return checks.done(`${lost} lines counted as lost`);
    }),
    ownGateway('log-pipe-blocked', 'nobody reads the log: calls are served as fast, and memory does not grow with it', { a: 'ok' }, async (kit) => {
      const checks = new Checks();
      const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-pipe-'));
      const pipe = join(folder, 'log');
      spawnSync('mkfifo', [pipe]);
      const held = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
      kit.onEnd(() => {
        closeSync(held);
        rmSync(folder, { recursive: true, force: true });
      });
      const gateway = await kit.start({}, { under: ['/bin/sh', '-c', 'pipe=$1; shift; exec "$@" >"$pipe"', 'sh', pipe] });
      const times: number[] = [];
      for (let round = 0; round < 20; round++)
        for (const { status, ms } of await kit.many(25, () => ({ to: 'a', gateway }))) times.push(status === 200 ? ms : Infinity);
      checks.that(Math.max(...times) < 1_000, () => `slowest ${Math.max(...times).toFixed()} ms`);
      checks.equal('livez', (await clientCall(gateway.port, { path: '/livez' })).status, 200);
      const { code, ms } = await ended(gateway, ['SIGTERM']);
      checks.equal('exit code', code, 0);
      checks.that(ms < 5_000, () => `ended after ${ms.toFixed()} ms`);
      return checks.done(`500 calls, slowest ${Math.max(...times).toFixed()} ms, exit after ${ms.toFixed()} ms`);
    }),
    ownGateway(
      'few-files',
      'only 128 files may be open, 300 streams come: none ends the process, and it recovers ≤ 5 s after',
      { stream: 'ok-stream:10,100', a: 'ok' },
      async (kit) => {
        const checks = new Checks();
        const gateway = await kit.start({}, { under: ['prlimit', '--nofile=128'] });
        const replies = await kit.many(300, () => ({ to: 'stream', stream: true, gateway, withinMs: 6_000 }));
        checks.that(gateway.isAlive, 'the process ended');
        const served = replies.filter((reply) => isDone(reply)).length;
        checks.that(served > 0, 'nobody was served');
        const startedAt = performance.now();
        while ((await kit.call({ to: 'a', gateway, withinMs: 1_000 })).status !== 200 && performance.now() - startedAt < 8_000) await wait(100);
        const ms = performance.now() - startedAt;
        checks.that(ms < 5_000, () => `recovered after ${ms.toFixed()} ms`);
        checks.equal('exit code', await gateway.stop(), 0);
        const byStatus = Map.groupBy(replies, ({ status }) => status);
        return checks.done(
          `${[...byStatus].map(([status, of]) => `${of.length} × ${status === 0 ? 'no answer' : status}`).join(', ')}; ${served} whole; recovered after ${ms.toFixed()} ms`,
        );
      },
    ),
    ...CONTAINED,
    FROZEN,
    STEADY_RUN,
    ownGateway(
      'rolling-restarts',
      'ten restarts of two replicas in turn behind HAProxy, under load and with streams: no call fails and no stream is cut',
      { short: 'ok', stream: 'ok-stream:20,100' },
      async (kit) => {
        const program = programOnPath('haproxy');
        if (program === undefined)
          return { passed: false, observed: 'not run: there is no haproxy on PATH (Debian: apt-get install haproxy)', figure: '' };
        const checks = new Checks();
        const env = { GATEWAY_DRAIN_DELAY_SECONDS: '1', GATEWAY_LOG_LEVEL: 'warn' };
        const ports = [await freePort(), await freePort()];
        const start = (index: number): Promise<TriedGateway> => kit.start({ ...env, GATEWAY_PORT: String(ports[index]) });
        const gateways = [await start(0), await start(1)];
        const front = await freePort();
        const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-haproxy-'));
        writeFileSync(join(folder, 'haproxy.cfg'), haproxyConfig(front, ports));
        const haproxy = await StartedChild.start(program, ['-db', '-f', join(folder, 'haproxy.cfg')], {
          cwd: folder,
          env: {},
          readyUrl: `http://127.0.0.1:${front}/livez`,
          readyWithinMs: 10_000,
        });
        kit.onEnd(async () => {
          await haproxy.stop('SIGKILL');
          rmSync(folder, { recursive: true, force: true });
        });
        let isOver = false;
        const body = (to: string, stream: boolean): object => ({
          path: '/v1/chat/completions',
          headers: { authorization: `Bearer ${kit.clientKey}` },
          body: kit.chatBody(to, { stream }),
        });
        const failures: string[] = [];
        let calls = 0;
        let streams = 0;
        const loop = async (to: string, stream: boolean): Promise<void> => {
          const agent = new Agent({ keepAlive: true });
          while (!isOver) {
            const reply = await clientCall(front, body(to, stream), agent);
            if (stream) streams++;
            else calls++;
            if (reply.status !== 200 || reply.cut || (stream && !isDone(reply)))
              failures.push(`${to} ${reply.status}${reply.cut ? ' cut' : ''} ${reply.text.slice(-120)}`);
            await wait(stream ? 1 : 10);
          }
          agent.destroy();
        };
        const load = [...Array.from({ length: 10 }, () => loop('short', false)), ...Array.from({ length: 20 }, () => loop('stream', true))];
        for (let round = 0; round < 10; round++) {
          const index = round % 2;
          checks.equal('exit code', await gateways[index]?.stop(), 0);
          gateways[index] = await start(index);
          await wait(800);
        }
        isOver = true;
        await Promise.all(load);
        for (const gateway of gateways) await gateway.stop();
        checks.that(failures.length === 0, () => `${failures.length} failed: ${[...new Set(failures)].slice(0, 3).join('; ')}`);
        return checks.done(`${failures.length} of ${calls} calls and ${streams} streams failed`);
      },
    ),
  ],
};

function haproxyConfig(front: number, ports: readonly number[]): string {
  return `
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  option httpchk GET /readyz
  default-server inter 200ms fall 1 rise 1
frontend front
  bind 127.0.0.1:${front}
  default_backend gateways
backend gateways
${ports.map((port, index) => `  server g${index} 127.0.0.1:${port} check\n`).join('')}`;
}
