import { loadSettings } from '../config/load-settings.js';
import type { FilePosition } from '../config/place.js';
import { SettingsMistakes, type SettingsWarning } from '../config/settings-mistakes.js';
import type { ConfigFile } from '../config/yaml-settings.js';
import type { CliWorld } from './cli-world.js';

/** One object on a line for each problem of the settings, for machines that annotate files. `found` is as masked as in the text. Tells the exit code. */
export function tellProblemsAsJson(file: ConfigFile | undefined, { env, cwd, out }: CliWorld): number {
  try {
    tellWarnings(loadSettings({ env, cwd, file }).warned, out);
    return 0;
  } catch (error) {
    if (!(error instanceof SettingsMistakes)) throw error;
    for (const { path, position, found, reason, fix } of error.mistakes)
      out(problem({ severity: 'error', path, position, found, message: `${reason}. Fix: ${fix}` }));
    tellWarnings(error.warned, out);
    return error.exitCode;
  }
}

function tellWarnings(warned: readonly SettingsWarning[], out: CliWorld['out']): void {
  for (const { path, position, found, text } of warned) out(problem({ severity: 'warning', path, position, found, message: text }));
}

function problem(told: {
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly position: FilePosition | undefined;
  readonly found: string | undefined;
  readonly message: string;
}): string {
  const { severity, path, position, found, message } = told;
  const { file = null, line = null, column = null } = position ?? {};
  return `${JSON.stringify({ severity, path, file, line, column, found: found ?? null, message })}\n`;
}
