import { loadSettings, type LoadedSettings } from '../config/load-settings.js';
import { SettingsMistakes } from '../config/settings-mistakes.js';
import type { CliWorld } from './cli-world.js';

/** The settings, warnings told; or every problem told, and the exit code they mean. */
export function checkedSettings(file: string | undefined, { env, cwd, err }: CliWorld): LoadedSettings | number {
  try {
    const loaded = loadSettings({ env: file === undefined ? env : { ...env, GATEWAY_CONFIG_FILE: file }, cwd });
    for (const warning of loaded.warnings) err(`warning: ${warning}\n`);
    return loaded;
  } catch (error) {
    if (!(error instanceof SettingsMistakes)) throw error;
    err(`${error.message}\n`);
    return error.exitCode;
  }
}
