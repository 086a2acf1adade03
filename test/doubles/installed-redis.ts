import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { programOnPath } from './program-on-path.js';

const LINKED = resolve('node_modules', '.cache', 'redis');

/**
 * The path of a redis-server: the machine's own, else Debian's, installed where root. Its tools hold the very program under another
 * name, and unlike the server's package they start no service. undefined: none is to be had; under CI that is an error, unless a
 * running Redis was named.
 */
export function installedRedis(): string | undefined {
  looked ??= { program: look() };
  return looked.program;
}

/** Tests that need a redis-server of their own, to hang or to kill. */
export const describeWithRedis = (name: string, tests: () => void): void => (installedRedis() === undefined ? describe.skip : describe)(name, tests);

let looked: { readonly program: string | undefined } | undefined;

function look(): string | undefined {
  const found = programOnPath('redis-server') ?? programOnPath('valkey-server') ?? linked();
  if (found !== undefined) return found;
  const named = process.env['GATEWAY_TEST_REDIS_URL'] !== undefined;
  if (process.env['CI'] === 'true' && !named)
    throw new Error('redis-server is not on PATH and could not be installed with apt-get: install it (Debian: apt-get install redis-server).');
  process.stderr.write('\n*** SKIPPED: no redis-server on PATH and none to be had with apt-get; limits over Redis are NOT tried in full. ***\n\n');
  return undefined;
}

function linked(): string | undefined {
  const program = programOnPath('redis-check-rdb') ?? (installTools() ? programOnPath('redis-check-rdb') : undefined);
  if (program === undefined) return undefined;
  mkdirSync(LINKED, { recursive: true });
  const folder = join(LINKED, String(process.pid));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  // It serves when it is called by its other name.
  symlinkSync(program, join(folder, 'redis-server'));
  return join(folder, 'redis-server');
}

function installTools(): boolean {
  if (process.getuid?.() !== 0 || programOnPath('apt-get') === undefined) return false;
  const run = (...args: string[]): boolean =>
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
      stdio: 'ignore',
      timeout: 180_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  const install = (): boolean => run('install', '-y', '--no-install-recommends', 'redis-tools');
  return install() || (run('update') && install());
}
