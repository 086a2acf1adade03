import type { FilePosition } from './place.js';

/** One thing that is wrong with the settings. `found` is masked already. */
export interface SettingsMistake {
  readonly path: string;
  readonly position?: FilePosition | undefined;
  readonly found: string;
  readonly reason: string;
  readonly fix: string;
}

/** What does not keep the gateway from starting. `text` goes on from the path. */
export interface SettingsWarning {
  readonly path: string;
  readonly position?: FilePosition | undefined;
  readonly found?: string | undefined;
  readonly text: string;
}

/** Everything that is wrong with the settings, at once. The process ends with `exitCode` (EX_CONFIG). */
export class SettingsMistakes extends Error {
  override readonly name = 'SettingsMistakes';
  readonly exitCode = 78;

  constructor(
    readonly mistakes: readonly SettingsMistake[],
    readonly warned: readonly SettingsWarning[] = [],
  ) {
    super(mistakes.map(toldMistake).join('\n'));
  }
}

export function toldWarning({ path, text, position }: SettingsWarning): string {
  return `${path} ${text}${told(position)}`;
}

/** `file:line:column`, as compilers write it and editors find it. */
export function toldPosition({ file, line, column }: FilePosition): string {
  return `${file}:${line}:${column}`;
}

function toldMistake({ path, found, reason, fix, position }: SettingsMistake): string {
  return `config error: ${path} = ${found}: ${reason}${told(position)}. Fix: ${fix}`;
}

function told(position: FilePosition | undefined): string {
  return position === undefined ? '' : ` (${toldPosition(position)})`;
}
