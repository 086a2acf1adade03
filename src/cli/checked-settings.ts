import { loadSettings, type LoadedSettings } from '../config/load-settings.js';
import { SettingsMistakes, toldWarning } from '../config/settings-mistakes.js';
import type { ConfigFile } from '../config/yaml-settings.js';
import type { CliWorld } from './cli-world.js';

/** The settings, warnings told; or every problem told, and the exit code they mean. */
export function checkedSettings(file: string | ConfigFile | undefined, { env, cwd, err }: CliWorld): LoadedSettings | number {
  try {
    const loaded = loadSettings({ env, cwd, file: typeof file === 'string' ? { name: file } : file });
    for (const warning of loaded.warnings) err(`warning: ${warning}\n`);
    return loaded;
  } catch (error) {
    if (!(error instanceof SettingsMistakes)) throw error;
    for (const warning of error.warned) err(`warning: ${toldWarning(warning)}\n`);
    err(`${error.message}\n`);
    return error.exitCode;
  }
}
