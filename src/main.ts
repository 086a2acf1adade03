import './require-runtime.js';
import './young-garbage.js';
import cluster from 'node:cluster';
import { loadSettings, type LoadedSettings } from './config/load-settings.js';
import { SettingsMistakes, toldWarning } from './config/settings-mistakes.js';

const sources = { env: { ...process.env }, cwd: process.cwd() };
// Certificates are checked wherever the house speaks TLS (upstreams, Redis, key sets, tokens, collectors): no variable turns that off.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
// What is said for people must not end the process where nobody can take it, such as on a full disk.
process.stderr.on('error', () => undefined);
if (cluster.isWorker) {
  const { ClusterLink } = await import('./workers/cluster-link.js');
  const link = new ClusterLink();
  const loaded = await (await import('./workers/settings-in-force.js')).settingsInForce(link);
  await (await import('./serve.js')).serve(loaded, sources, link);
} else {
  const loaded = load();
  if (loaded !== undefined && loaded.settings.server.workers > 1) await (await import('./start-workers.js')).startWorkers(loaded, sources);
  else if (loaded !== undefined) await (await import('./serve.js')).serve(loaded, sources);
}

/** Every warning and mistake at once on stderr, and the exit code that says that the settings are at fault. */
function load(): LoadedSettings | undefined {
  try {
    const read = loadSettings(sources);
    for (const warning of read.warnings) process.stderr.write(`warning: ${warning}\n`);
    return read;
  } catch (error) {
    if (!(error instanceof SettingsMistakes)) throw error;
    for (const warning of error.warned) process.stderr.write(`warning: ${toldWarning(warning)}\n`);
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
    return undefined;
  }
}
