import type { AddressInfo } from 'node:net';
import { banner } from './banner.js';
import { LiveSettings } from './config/live-settings.js';
import type { LoadedSettings, SettingsSources } from './config/load-settings.js';
import { SettingsReload } from './config/settings-reload.js';
import type { ObservabilitySettings } from './contracts/gateway-settings.js';
import { Meter } from './contracts/meter.js';
import type { WorkerLink } from './contracts/worker-link.js';
import { createApp } from './create-app.js';
import { drain } from './http/drain.js';
import { listenerCount } from './http/listener-count.js';
import { Listeners } from './http/listeners.js';
import { listenMistake } from './listen-mistake.js';
import { PRODUCT_VERSION } from './metrics/product-version.js';
import { StateLog } from './metrics/state-log.js';
import { RateLimitStore } from './policy/rate-limit-store.js';
import type { OtlpTelemetry } from './telemetry/otlp-telemetry.js';
import { createWorld } from './world.js';
import { CONTROL_TOPICS } from './workers/control-topics.js';
import { WORKER_SLOT } from './workers/primary.js';

/** One serving process: the only one, or a worker with a line to its primary. Returns when it listens; ends the process when it is told to. */
export async function serve(loaded: LoadedSettings, sources: SettingsSources, link?: WorkerLink): Promise<void> {
  const live = new LiveSettings(loaded.settings);
  // Until it serves there is nothing to drain.
  let end = async (): Promise<void> => process.exit(0);
  link?.onNews(CONTROL_TOPICS.drain, () => void end());
  const slot = Number(process.env[WORKER_SLOT] ?? 1);
  const telemetry = await telemetryOf(live.current.observability, link === undefined ? undefined : slot);
  const world = createWorld(live, link, slot === 1, telemetry);
  const { app, server, inFlight, readiness, load } = await createApp(live, world);
  telemetry?.collector.onChange((signal, takes) => app.get(StateLog).collectorTakes(signal, takes));
  const reload = new SettingsReload(live, sources, loaded.files, (result, details, changed) => {
    app.get(StateLog).settingsReloaded(result, details, live.current.revision, changed);
    if (world.speaks) app.get(Meter).configReloaded(result);
  });

  const { host, port } = live.current.server;
  const listeners = new Listeners(server);
  let isEnding = false;
  end = async () => {
    if (isEnding) return;
    isEnding = true;
    reload.stop();
    await drain(server, listeners, inFlight, readiness, live.current.server);
    await app.close();
    await app.get(RateLimitStore).close();
    await telemetry?.close(LAST_TELEMETRY_MS);
    await world.destination.close();
    process.exit(0);
  };

  try {
    // A worker's connections come from the primary, which is never busy.
    const count = link === undefined ? listenerCount() : 1;
    await listeners.open({ host, port, backlog: BACKLOG }, count, (options) => app.listen(options));
  } catch (error) {
    const mistake = listenMistake(error, live.current.server);
    if (mistake === undefined) throw error;
    if (world.speaks) process.stderr.write(`${mistake.message}\n`);
    process.exit(mistake.exitCode);
  }
  readiness.ready();
  load.start();

  const reloads = loaded.configFile !== undefined;
  reload.start(link === undefined && reloads);
  if (link === undefined) {
    for (const [signal, code] of Object.entries(EXIT_CODES) as ['SIGTERM' | 'SIGINT', number][])
      process.on(signal, () => (isEnding ? process.exit(code) : void end()));
    // Without a file to read again, a closed terminal leaves nothing behind.
    if (!reloads) process.on('SIGHUP', () => (isEnding ? process.exit(129) : void end()));
    process.stderr.write(banner(live.current, (server.address() as AddressInfo).port));
    return;
  }
  // A terminal's signals reach every process of its group; the primary says what they mean.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('SIGTERM', () => void end());
  process.on('disconnect', () => void end());
  link.onNews(CONTROL_TOPICS.reload, () => reload.reload());
}

/** Loaded only where it is wanted: OpenTelemetry's SDK costs memory and time to start. */
async function telemetryOf({ telemetry, otelSemconv }: ObservabilitySettings, workerSlot: number | undefined): Promise<OtlpTelemetry | undefined> {
  if (telemetry === undefined) return undefined;
  const { startTelemetry } = await import('./telemetry/start-telemetry.js');
  return startTelemetry(telemetry, otelSemconv, { version: PRODUCT_VERSION, workerSlot });
}

const BACKLOG = 4_096;
/** A collector that is away must not keep a process that has drained. */
const LAST_TELEMETRY_MS = 2_000;
const EXIT_CODES = { SIGTERM: 143, SIGINT: 130 } as const;
