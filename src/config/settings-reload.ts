import { statSync } from 'node:fs';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { changedSettings } from './changed-settings.js';
import { isLoopback } from './http-address.js';
import type { LiveSettings } from './live-settings.js';
import { type LoadedSettings, loadSettings, type SettingsSources } from './load-settings.js';
import { SettingsMistakes } from './settings-mistakes.js';

export type ReloadResult = 'ok' | 'refused';

/** Sockets, processes and routes are made from these at start: a reload leaves them as they are. */
const FIXED = {
  server: {
    host: 'GATEWAY_HOST',
    port: 'GATEWAY_PORT',
    workers: 'GATEWAY_WORKERS',
    docs: 'GATEWAY_DOCS',
    headerTimeoutMs: 'GATEWAY_HEADER_TIMEOUT_SECONDS',
    trustedProxies: 'GATEWAY_TRUSTED_PROXIES',
  },
  limits: { redisUrl: 'GATEWAY_REDIS_URL' },
} as const;

/** A file that is being written is waited for, but not longer than so many looks. */
const LOOKS_MAX = 4;

/**
 * Puts new settings in force when SIGHUP comes or a file of theirs changes, also by the symbolic links that Kubernetes swaps.
 * They are taken whole or not at all: with any mistake the old ones stay. `onResult` is told of each try, with every problem or warning,
 * and with the names of what is different now.
 */
export class SettingsReload {
  private timer: NodeJS.Timeout | undefined;
  /** How the files were when they were last read. */
  private applied: string;
  /** How the last look found them. */
  private seen = '';
  private looks = 0;
  private readonly onHangup = (): void => this.reload();

  constructor(
    private readonly live: LiveSettings,
    private readonly sources: SettingsSources,
    /** What is watched; at first as `loadSettings` told it. */
    public files: readonly string[],
    private readonly onResult: (result: ReloadResult, detail: readonly string[], changed: readonly string[]) => void,
    private readonly pollMs = 500,
  ) {
    this.applied = this.fingerprint();
  }

  /** `onHangup`: whether SIGHUP asks for a reload here; else only the files are watched. */
  start(onHangup = true): void {
    if (onHangup) process.on('SIGHUP', this.onHangup);
    this.timer = setInterval(() => this.look(), this.pollMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    process.off('SIGHUP', this.onHangup);
  }

  reload(): void {
    // Before reading: an edit that comes meanwhile is seen by the next look.
    this.applied = this.fingerprint();
    this.looks = 0;
    const previous = this.live.current;
    const loaded = this.load(previous);
    if (Array.isArray(loaded)) return this.onResult('refused', loaded, []);
    if (loaded.files.join() !== this.files.join()) {
      this.files = loaded.files;
      this.applied = this.fingerprint();
    }
    const { kept, changed } = keepFixed(loaded.settings, previous);
    this.live.replace(kept);
    const fixed = changed.map((name) => `${name} cannot change while running; restart to put it in force`);
    this.onResult('ok', [...loaded.warnings, ...fixed], changedSettings(previous, kept));
  }

  /** New settings, or every reason against them. */
  private load(previous: GatewaySettings): LoadedSettings | string[] {
    try {
      const loaded = loadSettings({ ...this.sources, revision: previous.revision + 1 });
      if (!loaded.settings.auth.usesDefaultKey || isLoopback(previous.server.host)) return loaded;
      return [
        'config error: GATEWAY_API_KEYS = (missing): the gateway is not bound to loopback, where alone the default key serves. Fix: GATEWAY_API_KEYS=a-long-random-key',
      ];
    } catch (error) {
      return error instanceof SettingsMistakes ? error.message.split('\n') : [`settings could not be read: ${String(error)}`];
    }
  }

  /** A change counts once two looks in a row found the same: nobody is still writing. */
  private look(): void {
    const now = this.fingerprint();
    if (now === this.applied) this.looks = 0;
    else if (now === this.seen || ++this.looks >= LOOKS_MAX) this.reload();
    this.seen = now;
  }

  private fingerprint(): string {
    return this.files.map((file) => `${file} ${mark(file)}`).join('\n');
  }
}

function mark(file: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'absent';
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
