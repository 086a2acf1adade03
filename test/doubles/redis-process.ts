import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { describeWithRedis, installedRedis } from './installed-redis.js';

export interface RedisProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Stopped in its tracks: the line stays, nothing answers. */
  hang(): void;
  wake(): void;
  /** Gone at once; what it held is lost. */
  kill(): Promise<void>;
  /** Back on the same port, empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis for a whole test file: the one that GATEWAY_TEST_REDIS_URL names (others may use it: keep to keys of your own), else one of its own. */
export async function someRedis(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const url = process.env['GATEWAY_TEST_REDIS_URL'];
  return url === undefined || url === '' ? startRedis() : { url, stop: async () => undefined };
}

export const describeWithSomeRedis = (name: string, tests: () => void): void =>
  (process.env['GATEWAY_TEST_REDIS_URL'] ? describe : describeWithRedis)(name, tests);

/** A real redis-server on a free port of loopback, in a folder of its own, that writes nothing down. `lines` are lines of its configuration. */
export async function startRedis(lines: readonly string[] = [], ...modes: readonly string[]): Promise<RedisProcess> {
  const program = installedRedis();
  if (program === undefined) throw new Error('There is no redis-server: use describeWithRedis.');
  const folder = mkdtempSync(join(tmpdir(), 'nexus-redis-'));
  const port = await portWithBus();
  const config = join(folder, 'redis.conf');
  writeFileSync(config, [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, ...(modes.length > 0 ? [] : PERSISTS_NOTHING), ...lines, ''].join('\n'));
  const start = (): Promise<ChildProcess> => started(program, [config, ...modes], port);
  let child = await start();
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    const last = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(last);
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid ?? 0;
    },
    hang: () => void child.kill('SIGSTOP'),
    wake: () => void child.kill('SIGCONT'),
    kill: () => kill('SIGKILL'),
    restart: async () => {
      await kill('SIGKILL');
      child = await start();
    },
    stop: async () => {
      await kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Nodes of a cluster talk on a second port, ten thousand above. */
async function portWithBus(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = await freePort();
    if (port <= 55_535) return port;
  }
  throw new Error('No free port below 55536.');
}

const PERSISTS_NOTHING = ['save ""', 'appendonly no'];

async function started(program: string, args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  await once(child, 'spawn');
  const deadline = performance.now() + 10_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${program} did not start:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const end = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.setTimeout(500, () => end(false));
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
  });
}
