import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { builtGateway } from '../doubles/built-gateway.js';

jest.setTimeout(120_000);

function simulate(): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(resolve('node_modules/.bin/node'), ['simulate/run.ts', '--quick'], { encoding: 'utf8' });
}

describe('the simulation of many replicas, in small', () => {
  beforeAll(() => void builtGateway());

  test('holds what is promised, says so for every weather and share, and says the same each time', () => {
    const [first, again] = [simulate(), simulate()];
    expect({ status: first.status, complaints: first.stderr.match(/^NOT HELD.*$/gm) ?? [] }).toEqual({ status: 0, complaints: [] });
    const rows = first.stdout.split('\n').filter((line) => /^\| [\d,]+ \|/.test(line));
    expect(rows).toHaveLength(8 + 3);
    for (const row of rows) expect(row).not.toMatch(/NaN|undefined|Infinity/);
    // While Redis answers, however far away: every call decided as one bucket would, and no key above its limit.
    for (const row of rows.slice(0, 2)) expect(row).toMatch(/ \| 100\.0 % \| 0\.0 % \| /);
    expect(again.stdout).toBe(first.stdout);
  });
});
