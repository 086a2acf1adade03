import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { programOnPath } from './program-on-path.js';

const UNPACKED = resolve('node_modules', '.cache', 'prometheus');

export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/**
 * Prometheus and promtool: the machine's own, else Debian's package, unpacked beside the packages and never installed
 * (its installation would start a service). undefined: neither is to be had; under CI that is an error.
 */
export function installedPrometheus(): PrometheusPrograms | undefined {
  const found = onPath() ?? unpacked() ?? (download() ? unpacked() : undefined);
  if (found === undefined && process.env['CI'] === 'true')
    throw new Error('Prometheus is not on PATH and could not be fetched with apt-get: install it (Debian: apt-get install prometheus).');
  if (found === undefined)
    process.stderr.write('\n*** SKIPPED: no Prometheus on PATH and none to be had with apt-get; dashboards and alert rules are NOT tried. ***\n\n');
  return found;
}

function onPath(): PrometheusPrograms | undefined {
  const [prometheus, promtool] = [programOnPath('prometheus'), programOnPath('promtool')];
  return prometheus === undefined || promtool === undefined ? undefined : { prometheus, promtool };
}

function unpacked(): PrometheusPrograms | undefined {
  const [prometheus, promtool] = ['prometheus', 'promtool'].map((name) => join(UNPACKED, 'usr', 'bin', name)) as [string, string];
  return existsSync(prometheus) && existsSync(promtool) ? { prometheus, promtool } : undefined;
}

/** Into a folder of its own, then moved in one step: several test files may want it at once. */
function download(): boolean {
  if (programOnPath('apt-get') === undefined || programOnPath('dpkg') === undefined) return false;
  mkdirSync(resolve(UNPACKED, '..'), { recursive: true });
  const folder = mkdtempSync(`${UNPACKED}-`);
  const run = (program: string, ...args: string[]): boolean =>
    spawnSync(program, args, { cwd: folder, stdio: 'ignore', timeout: 120_000 }).status === 0;
  const fetched = run('apt-get', 'download', 'prometheus') || (run('apt-get', 'update') && run('apt-get', 'download', 'prometheus'));
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
  const done = fetched && archive !== undefined && run('dpkg', '-x', archive, 'root');
  try {
    if (done) renameSync(join(folder, 'root'), UNPACKED);
  } catch {
    // Another one was quicker.
  }
  rmSync(folder, { recursive: true, force: true });
  return done;
}
