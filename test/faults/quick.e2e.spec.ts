import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RowResult } from './matrix.js';

describe('the fault matrix, its quick lane', () => {
  it('holds in every row', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-quick-'));
    try {
      const file = join(folder, 'rows.json');
      const run = spawnSync(resolve('node_modules/.bin/node'), ['test/faults/run.mjs', '--quick', '--json', file], {
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      });
      if (run.stderr !== '') process.stderr.write(run.stderr);
      const rows = JSON.parse(readFileSync(file, 'utf8')) as RowResult[];
      expect(rows.filter(({ passed }) => !passed).map(({ name, observed }) => `${name}: ${observed}`)).toEqual([]);
      expect(rows.length).toBeGreaterThan(100);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 600_000);
});
