import type { SettingClass } from './setting-kind.js';

/** The default of a setting as JSON; undefined: it has none. */
export function settingDefault(shape: SettingClass, name: string): unknown {
  const initial = (new shape() as Record<string, unknown>)[name];
  return initial instanceof Map ? Object.fromEntries(initial) : initial;
}
