import type { Place } from './place.js';
import type { SettingsMistake } from './settings-mistakes.js';

/** What reading the settings brought to light. Nothing is thrown before everything was looked at. */
export class Findings {
  readonly mistakes: SettingsMistake[] = [];
  readonly warnings: string[] = [];

  /** `found` as `shownValue` made it. */
  mistake(place: Place, found: string, reason: string, fix: string): void {
    const line = place.line;
    this.mistakes.push({ path: String(place), found, reason: line === undefined ? reason : `${reason} (${line})`, fix });
  }

  warn(place: Place, text: string): void {
    const line = place.line;
    this.warnings.push(`${String(place)} ${text}${line === undefined ? '' : ` (${line})`}`);
  }
}
