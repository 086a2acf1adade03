import type { Findings } from './findings.js';
import type { Place } from './place.js';
import type { SettingsFile } from './settings-file.js';

/** A part may not last longer than the whole. Only what was written counts: a default gives way by itself. */
const SHORTER_THAN = [
  ['connect_timeout_seconds', 'total_timeout_seconds'],
  ['connect_timeout_seconds', 'request_timeout_seconds'],
  ['request_timeout_seconds', 'total_timeout_seconds'],
  ['first_content_timeout_seconds', 'total_timeout_seconds'],
  ['stream_idle_timeout_seconds', 'total_timeout_seconds'],
  ['retry_after_max_wait_seconds', 'total_timeout_seconds'],
] as const satisfies readonly (readonly [keyof SettingsFile, keyof SettingsFile])[];

export function checkContradictions(values: SettingsFile, placeOf: (setting: keyof SettingsFile) => Place | undefined, findings: Findings): void {
  for (const [part, whole] of SHORTER_THAN) {
    const [partAt, wholeAt] = [placeOf(part), placeOf(whole)];
    if (partAt && wholeAt && values[part] > values[whole])
      findings.mistake(partAt, String(values[part]), `is longer than ${String(wholeAt)} (${values[whole]})`, partAt.setTo(String(values[whole])));
  }
}
