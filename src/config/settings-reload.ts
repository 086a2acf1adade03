import { stat } from 'node:fs/promises';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { isLoopback } from './http-address.js';
import type { LiveSettings } from './live-settings.js';
import { loadSettings, type SettingsSources } from './load-settings.js';
import { SettingsMistakes } from './settings-mistakes.js';

export type ReloadResult = 'ok' | 'refused';

/** Sockets, processes and routes are made from these at start: a reload leaves them as they are. */
const FIXED = {
  server: { host: 'GATEWAY_HOST', port: 'GATEWAY_PORT', workers: 'GATEWAY_WORKERS', docs: 'GATEWAY_DOCS', headerTimeoutMs: 'GATEWAY_HEADER_TIMEOUT_SECONDS', trustedProxies: 'GATEWAY_TRUSTED_PROXIES' },
  limits: { redisUrl: 'GATEWAY_REDIS_URL' },
} as const;

/** A file that is being written is waited for, but not longer than so many looks. */
const LOOKS_MAX = 4;

/**
 * Puts new settings in force when SIGHUP comes or a file of theirs changes, also by the symbolic links that Kubernetes swaps.
 * They are taken whole or not at all: with any mistake the old ones stay. `onResult` is told of each try, with every problem or warning.
 */
export class SettingsReload {
  private timer: NodeJS.Timeout | undefined;
  private running = false;
  private applied = '';
  private seen = '';
  private looks = 0;
  private readonly onHangup = (): void => this.reload();

  constructor(
    private readonly live: LiveSettings,
    private readonly sources: SettingsSources,
    /** As `loadSettings` told them. */
    private files: readonly string[],
    private readonly onResult: (result: ReloadResult, detail: readonly string[]) => void,
    private readonly pollMs = 500,
  ) {}

  async start(): Promise<void> {
    process.on('SIGHUP', this.onHangup);
    this.running = true;
    this.applied = await this.fingerprint();
    this.lookLater();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    process.off('SIGHUP', this.onHangup);
  }

  reload(): void {
    const previous = this.live.current;
    try {
      const { settings, warnings, files } = loadSettings({ ...this.sources, revision: previous.revision + 1 });
      if (settings.auth.usesDefaultKey && !isLoopback(previous.server.host)) {
        return this.onResult('refused', ['config error: GATEWAY_API_KEYS = (missing): the gateway is not bound to loopback, where alone the default key serves. Fix: GATEWAY_API_KEYS=a-long-random-key']);
      }
      this.files = files;
      const { kept, changed } = keepFixed(settings, previous);
      this.live.replace(kept);
      this.onResult('ok', [...warnings, ...changed.map((name) => `${name} cannot change while running; restart to put it in force`)]);
    } catch (error) {
      this.onResult('refused', error instanceof SettingsMistakes ? error.message.split('\n') : [`settings could not be read: ${String(error)}`]);
    }
  }

  private lookLater(): void {
    if (!this.running) return;
    this.timer = setTimeout(() => void this.look().finally(() => this.lookLater()), this.pollMs);
    this.timer.unref();
  }

  /** A change counts once two looks in a row found the same: nobody is still writing. */
  private async look(): Promise<void> {
    const now = await this.fingerprint();
    if (!this.running || now === this.applied) return void (this.looks = 0);
    if (now !== this.seen && ++this.looks < LOOKS_MAX) return void (this.seen = now);
    this.looks = 0;
    this.applied = now;
    this.reload();
    this.applied = this.running ? await this.fingerprint() : now;
  }

  private async fingerprint(): Promise<string> {
    const marks = await Promise.all(this.files.map((file) => stat(file).then(({ mtimeMs, ino, size }) => `${file} ${ino} ${size} ${mtimeMs}`, () => `${file} absent`)));
    return marks.join('\n');
  }
}

function keepFixed(next: GatewaySettings, previous: GatewaySettings): { readonly kept: GatewaySettings; readonly changed: readonly string[] } {
  const changed: string[] = [];
  const keep = <T extends object>(fresh: T, old: T, names: Readonly<Partial<Record<keyof T, string>>>): T => {
    const kept = { ...fresh };
    for (const key of Object.keys(names) as (keyof T)[]) {
      if (JSON.stringify(fresh[key]) !== JSON.stringify(old[key])) changed.push(names[key] ?? '');
      kept[key] = old[key];
    }
    return Object.freeze(kept);
  };
  const kept = { ...next, server: keep(next.server, previous.server, FIXED.server), limits: keep(next.limits, previous.limits, FIXED.limits) };
  return { kept: Object.freeze(kept), changed };
}
