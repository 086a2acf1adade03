import { ImportReport } from './import-report.js';
import type { KnownVariables } from './known-variables.js';
import type { LitellmValue } from './litellm-value.js';

const SECONDS_MAX = 86_400;
const BYTES_MAX = 2 ** 31 - 1;

/** Numbers that several of our settings are made from. */
export type DraftNumber = 'retries' | 'timeout' | 'streamIdle' | 'fails' | 'cooldown' | 'parallel';

/** What was read of LiteLLM's settings so far. What is read later comes before what was read earlier, as `router_settings` do for LiteLLM. */
export class ImportDraft {
  readonly report = new ImportReport();
  /** Our settings that are plain values. */
  readonly settings = new Map<string, string | number>();
  readonly numbers = new Map<DraftNumber, number>();
  readonly redisParts = new Map<string, LitellmValue>();
  general: LitellmValue | undefined;
  defaults: LitellmValue | undefined;
  context: LitellmValue | undefined;
  groups: LitellmValue | undefined;
  hasMasterKey = false;

  constructor(readonly variables: KnownVariables) {}

  set(setting: string, value: string | number): void {
    this.settings.set(setting, value);
  }

  number(name: DraftNumber, value: LitellmValue, from: number, to: number): void {
    const number = this.within(value, from, to);
    if (number !== undefined) this.numbers.set(name, Math.round(number));
  }

  seconds(name: DraftNumber, value: LitellmValue): void {
    const number = this.secondsOf(value);
    if (number !== undefined) this.numbers.set(name, number);
  }

  bytes(setting: string, value: LitellmValue, unit: number): void {
    const number = this.within(value, 1 / unit, BYTES_MAX / unit);
    if (number !== undefined) this.set(setting, Math.floor(number * unit));
  }

  secondsOf(value: LitellmValue): number | undefined {
    return this.within(value, 0.001, SECONDS_MAX);
  }

  /** A number that lies within our bounds; one that does not is left out. */
  within(value: LitellmValue, from: number, to: number): number | undefined {
    const text = this.variables.textOf(value);
    const number = text === undefined ? Number.NaN : Number(text);
    if (text !== undefined && number >= from && number <= to) return number;
    this.report.leave(value, `no number from ${round(from)} to ${round(to)} stands there`, 'write it into the new file yourself');
    return undefined;
  }

  verbose(value: LitellmValue): void {
    if (value.value === true) this.set('log_level', 'debug');
  }

  fallbacks(value: LitellmValue): void {
    this.general = value;
  }

  defaultFallbacks(value: LitellmValue): void {
    this.defaults = value;
  }

  contextFallbacks(value: LitellmValue): void {
    this.context = value;
  }

  aliases(value: LitellmValue): void {
    this.groups = value;
  }

  redis(value: LitellmValue): void {
    this.redisParts.set(value.key, value);
  }

  masterKey(value: LitellmValue): void {
    this.hasMasterKey = true;
    const { variable } = value;
    if (variable === 'GATEWAY_API_KEYS') return;
    const from = variable === undefined ? 'the key that stands there' : `$${variable}`;
    this.report.remind(
      value,
      `clients go on with this key once GATEWAY_API_KEYS (or the file of GATEWAY_API_KEYS_FILE) holds ${from}; here it administers nothing`,
    );
  }
}

function round(number: number): number {
  return Math.round(number * 1000) / 1000;
}
