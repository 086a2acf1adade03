import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RowResult } from './matrix.js';

/** Rows that fail are tried again here, alone; the lane as a whole is not. */
jest.retryTimes(0);

const TRIES_ALONE = 2;

describe('the fault matrix, its quick lane', () => {
  it('holds in every row, or at once when the row has the machine to itself', () => {
    const rows = run('--quick');
    expect(rows.length).toBeGreaterThan(100);
    let failed = rows.filter(({ passed }) => !passed);
    for (let time = 0; time < TRIES_ALONE && failed.length > 0; time++) {
      process.stderr.write(`tried again alone: ${failed.map(words).join('; ')}\n`);
      failed = failed.flatMap(({ name }) => run('--only', name)).filter(({ passed }) => !passed);
    }
    expect(failed.map(words)).toEqual([]);
  }, 600_000);
});

function words({ name, observed }: RowResult): string {
  return `${name}: ${observed}`;
}

function run(...options: readonly string[]): RowResult[] {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-quick-'));
  try {
    const file = join(folder, 'rows.json');
    const ended = spawnSync(resolve('node_modules/.bin/node'), ['test/faults/run.mjs', ...options, '--json', file], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (ended.stderr !== '') process.stderr.write(ended.stderr);
    return JSON.parse(readFileSync(file, 'utf8')) as RowResult[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
