/** One thing that is wrong with the settings. `found` is masked already. */
export interface SettingsMistake {
  readonly path: string;
  readonly found: string;
  readonly reason: string;
  readonly fix: string;
}

/** Everything that is wrong with the settings, at once. The process ends with `exitCode` (EX_CONFIG). */
export class SettingsMistakes extends Error {
  override readonly name = 'SettingsMistakes';
  readonly exitCode = 78;

  constructor(readonly mistakes: readonly SettingsMistake[]) {
    super(mistakes.map(({ path, found, reason, fix }) => `config error: ${path} = ${found}: ${reason}. Fix: ${fix}`).join('\n'));
  }
}
