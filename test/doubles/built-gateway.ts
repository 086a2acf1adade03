import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const LOCK = resolve('node_modules', '.cache', 'nexus-build-lock');

/** The path of `dist/main.js`, built first when the sources are newer. Test files run in several processes: one builds, the others wait. */
export function builtGateway(): string {
  return (built ??= build());
}

/** Looked at once in a test file: its sources do not change while it runs. */
let built: string | undefined;

function build(): string {
  takeLock();
  try {
    const run = spawnSync(process.execPath, [resolve('scripts/prepare.mjs'), 'build'], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`The gateway could not be built:\n${run.stdout}${run.stderr}`);
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
  return resolve('dist/main.js');
}

function takeLock(): void {
  mkdirSync(resolve(LOCK, '..'), { recursive: true });
  for (const deadline = performance.now() + 120_000; ;) {
    try {
      mkdirSync(LOCK);
      writeFileSync(join(LOCK, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (performance.now() > deadline) throw new Error(`Another build has not ended; if none runs, remove ${LOCK}`);
    if (ownerIsGone()) rmSync(LOCK, { recursive: true, force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
}

/** A run that was killed while it built leaves its lock behind. */
function ownerIsGone(): boolean {
  try {
    process.kill(Number(readFileSync(join(LOCK, 'pid'), 'utf8') || process.pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
