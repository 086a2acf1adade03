import { variableOf } from './gather-settings.js';
import { settingDefault } from './setting-default.js';
import { settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';

export interface SettingRow {
  /** The environment variable. */
  readonly name: string;
  /** As it would be written there; empty: none. */
  readonly default: string;
  readonly meaning: string;
}

/** Every setting for README and documentation, in the order of the class. */
export function settingsTable(): SettingRow[] {
  const rows = [...settingFields(SettingsFile).values()].map(({ name, means }) => ({
    name: variableOf(name),
    default: written(settingDefault(SettingsFile, name)),
    meaning: means,
  }));
  return [
    { name: 'GATEWAY_CONFIG_FILE', default: '', meaning: 'A YAML file with settings: their names without `GATEWAY_`, in lower case.' },
    ...rows,
  ];
}

function written(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, entry]) => `${name}=${String(entry)}`)
      .join(';');
  return String(value);
}
