import './require-runtime.js';
import cluster from 'node:cluster';
import { loadSettings, type LoadedSettings } from './config/load-settings.js';
import { SettingsMistakes } from './config/settings-mistakes.js';

const sources = { env: process.env, cwd: process.cwd() };
const loaded = load();
if (loaded !== undefined) {
  const { settings } = loaded;
  if (cluster.isPrimary && settings.server.workers > 1) await (await import('./start-workers.js')).startWorkers(loaded, sources);
  else await (await import('./serve.js')).serve(loaded, sources);
}

/** Every mistake at once on stderr, and the exit code that says that the settings are at fault. */
function load(): LoadedSettings | undefined {
  try {
    const read = loadSettings(sources);
    if (cluster.isPrimary) for (const warning of read.warnings) process.stderr.write(`warning: ${warning}\n`);
    return read;
  } catch (error) {
    if (!(error instanceof SettingsMistakes)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
    return undefined;
  }
}
