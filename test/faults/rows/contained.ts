import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { programOnPath } from '../../doubles/program-on-path.js';
import { Checks } from '../checks.js';
import { clientCall, isDone } from '../client-call.js';
import type { FaultRow, Observation } from '../row.js';

const NOT_RUN: Observation = { passed: false, observed: 'not run: it takes root, unshare and setpriv', figure: '' };
const isAble = (): boolean => process.getuid?.() === 0 && programOnPath('unshare') !== undefined && programOnPath('setpriv') !== undefined;

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((one) => one !== '')
    .map(Number);
}

function isZombie(pid: number): boolean {
  return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function until(condition: () => boolean, withinMs: number): Promise<boolean> {
  for (const end = performance.now() + withinMs; performance.now() < end; await wait(25)) if (condition()) return true;
  return false;
}

/** What containers do to a process, without a container engine. */
export const CONTAINED: readonly FaultRow[] = [
  {
    name: 'end-as-first-process',
    lane: 'full',
    expected:
      'as process 1 of a container, with two workers: a killed worker is replaced and leaves no zombie; SIGTERM under 50 streams ends it with 0, none cut, all workers gone',
    upstreams: { stream: 'ok-stream:20,100' },
    waives: ['client-count', 'ledger-count', 'steady-time'],
    run: async (kit) => {
      if (!isAble()) return NOT_RUN;
      const checks = new Checks();
      const gateway = await kit.start(
        { GATEWAY_WORKERS: '2', GATEWAY_DRAIN_DELAY_SECONDS: '0.5' },
        { under: ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'] },
      );
      const [first = 0] = childrenOf(gateway.pid);
      checks.that(/^NSpid:\s+\d+\s+1$/m.test(readFileSync(`/proc/${first}/status`, 'utf8')), 'not tried: it is not process 1');
      const isWhole = (): boolean => childrenOf(first).length === 2 && !childrenOf(first).some(isZombie);
      // Until all of them serve, one that ends is a start that failed.
      checks.that(await until(() => gateway.err.includes('listening on') && isWhole(), 10_000), 'two workers are not there');
      const [killed = 0] = childrenOf(first);
      process.kill(killed, 'SIGKILL');
      checks.that(await until(() => isWhole() && !childrenOf(first).includes(killed), 10_000), 'the killed worker was not replaced, or is a zombie');
      const workers = childrenOf(first);
      const ready = async (): Promise<boolean> => (await clientCall(gateway.port, { path: '/readyz' })).status === 200;
      for (let tries = 0; tries < 100 && !(await ready()); tries++) await wait(50);
      const streams = kit.many(50, () => ({ to: 'stream', stream: true, gateway }));
      await wait(600);
      process.kill(first, 'SIGTERM');
      const whole = (await streams).filter((reply) => reply.status === 200 && isDone(reply)).length;
      const lastAt = performance.now();
      // What stands before it takes no signal while it waits.
      const code = await gateway.stop('SIGTERM', 15_000);
      const afterMs = performance.now() - lastAt;
      checks.equal('whole streams', whole, 50);
      checks.equal('exit code', code, 0);
      checks.that(afterMs < 2_000, () => `ended ${afterMs.toFixed()} ms after the last stream`);
      checks.that(!workers.some((pid) => existsSync(`/proc/${pid}`)), 'a worker lives on');
      return checks.done(`${50 - whole} cut, exit ${afterMs.toFixed()} ms after the last stream`);
    },
  },
  {
    name: 'hardened',
    lane: 'full',
    expected:
      'read-only root, user 65534, no capability, no new privileges: it starts, serves answers and streams, is scraped, ends with 0; it opens nothing for writing and starts no program',
    upstreams: { a: 'ok', stream: 'ok-stream:10,10' },
    waives: ['client-count', 'ledger-count', 'steady-time'],
    run: async (kit) => {
      if (!isAble()) return NOT_RUN;
      const checks = new Checks();
      const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-hardened-'));
      kit.onEnd(() => rmSync(folder, { recursive: true, force: true }));
      const trace = join(folder, 'trace');
      const traced = programOnPath('strace') !== undefined;
      const calls =
        'execve,open,openat,openat2,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,truncate,chmod';
      const bare = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
      const gateway = await kit.start(
        {},
        {
          cwd: '/',
          under: [
            ...(traced ? ['strace', '--daemonize=grandchild', '--follow-forks', '--quiet=all', `--output=${trace}`, `--trace=${calls}`] : []),
            'unshare',
            '--mount',
            'sh',
            '-c',
            'mount -o remount,bind,ro / && exec "$@"',
            'sh',
            ...bare,
          ],
        },
      );
      const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8');
      checks.that(/^Uid:\s+65534\s+65534/m.test(status), 'not tried: another user');
      checks.that(/^CapEff:\s+0+$/m.test(status) && /^CapBnd:\s+0+$/m.test(status), 'not tried: it has capabilities');
      checks.that(/^NoNewPrivs:\s+1$/m.test(status), 'not tried: it may get privileges');
      const root = / \/ (r[ow])[, ]/.exec(
        readFileSync(`/proc/${gateway.pid}/mountinfo`, 'utf8')
          .split('\n')
          .findLast((line) => / \/ \/ /.test(line)) ?? '',
      );
      checks.equal('root', root?.[1], 'ro');
      for (const reply of await kit.many(10, () => ({ to: 'a', gateway }))) checks.equal('a call', reply.status, 200);
      for (const reply of await kit.many(5, () => ({ to: 'stream', stream: true, gateway }))) checks.that(isDone(reply), 'a stream was cut');
      for (const path of ['/livez', '/readyz', '/metrics', '/docs']) checks.equal(path, (await clientCall(gateway.port, { path })).status, 200);
      checks.equal('exit code', await gateway.stop('SIGTERM', 15_000), 0);
      if (!traced) return checks.done('what it opens was not watched: there is no strace (Debian: apt-get install strace)');
      const lines = readFileSync(trace, 'utf8').split('\n');
      const own = lines.slice(lines.findLastIndex((line) => / execve\(.*main\.js/.test(line)) + 1);
      checks.that(
        own.some((line) => line.includes('openat(')),
        'not tried: nothing was watched',
      );
      const writes = own.filter(
        (line) =>
          /O_WRONLY|O_RDWR|O_CREAT| (creat|mkdir|unlink|rename|link|symlink|truncate|chmod)/.test(line) &&
          !/"\/(dev\/(null|tty)|proc\/self\/fd\/[12])"/.test(line),
      );
      checks.that(writes.length === 0, () => `it wrote: ${writes[0]}`);
      const programs = own.filter((line) => / execve\(/.test(line));
      checks.that(programs.length === 0, () => `it started: ${programs[0]}`);
      return checks.done(`${writes.length} writes and ${programs.length} programs of ${own.length} calls watched`);
    },
  },
  {
    name: 'node-permissions',
    lane: 'full',
    expected:
      'under Node’s own permissions (files may be read; none written, no process, thread or addon) and without `__proto__`: it starts, serves answers, streams, translations, names and Redis, and ends with 0',
    upstreams: { a: 'ok', stream: 'ok-stream:10,10' },
    waives: ['client-count', 'ledger-count', 'ledger-keys', 'steady-time'],
    run: async (kit) => {
      const checks = new Checks();
      const redis = await kit.redis();
      const { upstreams } = await kit.upstreamSettings();
      const gateway = await kit.start(
        {
          GATEWAY_UPSTREAMS: [...upstreams, `named=http://localhost:${kit.upstream.port}/ok/v1`].join(';'),
          GATEWAY_REDIS_URL: redis.url,
          GATEWAY_RATE_LIMIT_PER_MINUTE: '6000',
        },
        { nodeOptions: ['--permission', '--allow-fs-read=*', '--disable-proto=delete'] },
      );
      const turn = { role: 'user', content: 'Hello' };
      const calls = [
        { what: 'an answer', to: 'a' },
        { what: 'a translation', to: 'a', path: '/v1/messages', with: { max_tokens: 5 } },
        { what: 'a response', path: '/v1/responses', body: { model: kit.name('a'), input: [turn] } },
        { what: 'a name', model: 'named' },
      ];
      for (const { what, ...call } of calls) checks.equal(what, (await kit.call({ ...call, gateway })).status, 200);
      checks.that(isDone(await kit.call({ to: 'stream', stream: true, gateway })), 'a stream was cut');
      for (const path of ['/readyz', '/metrics', '/docs', '/docs-json']) checks.equal(path, (await clientCall(gateway.port, { path })).status, 200);
      checks.equal('Redis is used', (await gateway.scrape()).sum('nexus_redis_up'), 1);
      checks.equal('exit code', await gateway.stop(), 0);
      checks.that(!gateway.err.includes('ERR_ACCESS_DENIED') && !gateway.out.includes('ERR_ACCESS_DENIED'), 'something was denied to it');
      return checks.done();
    },
  },
];
