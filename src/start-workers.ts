import { banner } from './banner.js';
import { LiveSettings } from './config/live-settings.js';
import type { LoadedSettings, SettingsSources } from './config/load-settings.js';
import { SettingsReload } from './config/settings-reload.js';
import { monotonicClock } from './contracts/clock.js';
import { LogDestination } from './metrics/log-destination.js';
import { createLogger } from './metrics/logger.js';
import { serveMetrics } from './metrics/serve-metrics.js';
import { serveRateLimits } from './policy/serve-rate-limits.js';
import { serveCircuits } from './resilience/serve-circuits.js';
import { ClusterHub } from './workers/cluster-hub.js';
import { Primary, WorkerRefused } from './workers/primary.js';
import { tellSettings } from './workers/settings-in-force.js';

/** The process that serves nothing itself: it keeps what the workers share, and the workers alive. */
export async function startWorkers(loaded: LoadedSettings, sources: SettingsSources): Promise<void> {
  const live = new LiveSettings(loaded.settings);
  const hub = new ClusterHub();
  serveCircuits(hub, () => live.current.resilience.circuit, monotonicClock);
  serveRateLimits(hub);
  serveMetrics(hub);
  // The first worker tells of a reload, for all of them.
  const reload = new SettingsReload(live, sources, loaded.files, () => {});
  reload.start(false);
  tellSettings(hub, () => ({ ...loaded, settings: live.current, files: reload.files }));
  const log = createLogger(new LogDestination(), live.current.observability.logLevel);
  const primary = new Primary(hub, reload, log, loaded.configFile === undefined);
  try {
    if (!(await primary.start(live.current.server.workers))) return;
  } catch (error) {
    if (!(error instanceof WorkerRefused)) throw error;
    if (error.signal !== null) process.stderr.write(`A worker was ended by ${error.signal} before all of them served: the gateway does not start.\n`);
    process.exit(error.exitCode);
  }
  process.stderr.write(banner(live.current, live.current.server.port));
}
