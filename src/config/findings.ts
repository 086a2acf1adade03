import { maskKeys } from './mask-keys.js';
import type { Place } from './place.js';
import { type SettingsMistake, type SettingsWarning, toldWarning } from './settings-mistakes.js';

/** What reading the settings brought to light. Nothing is thrown before everything was looked at. */
export class Findings {
  readonly mistakes: SettingsMistake[] = [];
  readonly warned: SettingsWarning[] = [];
  private readonly settled: Place[] = [];

  get warnings(): string[] {
    return this.warned.map(toldWarning);
  }

  /** `found` as `shownValue` made it. */
  mistake(place: Place, found: string, reason: string, fix: string): void {
    if (this.isSettled(place)) return;
    this.mistakes.push({ path: String(place), position: place.position, found, reason: maskKeys(reason), fix: maskKeys(fix) });
  }

  /** `found`: what of the value the warning is about, as `shownValue` made it. */
  warn(place: Place, text: string, found?: string): void {
    if (!this.isSettled(place)) this.warned.push({ path: String(place), position: place.position, found, text: maskKeys(text) });
  }

  /** All was said of this place and what is inside it: whatever comes later would be a consequence. */
  settle(place: Place): void {
    this.settled.push(place);
  }

  private isSettled(place: Place): boolean {
    return this.settled.some((settled) => place.isWithin(settled));
  }
}
