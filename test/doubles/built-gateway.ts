import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** The path of `dist/main.js`, built first when the sources are newer. */
export function builtGateway(): string {
  return (built ??= build());
}

/** Looked at once in a test file: its sources do not change while it runs. */
let built: string | undefined;

function build(): string {
  const run = spawnSync(process.execPath, [resolve('scripts/prepare.mjs'), 'build'], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`The gateway could not be built:\n${run.stdout}${run.stderr}`);
  return resolve('dist/main.js');
}
