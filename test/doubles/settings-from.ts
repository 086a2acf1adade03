import { loadSettings } from '../../src/config/load-settings.js';
import type { GatewaySettings } from '../../src/contracts/gateway-settings.js';

/** The settings that an environment means, read as at a start; on a loopback address, with no file beside it. */
export function settingsFrom(env: Readonly<Record<string, string>> = {}): GatewaySettings {
  return loadSettings({ env, cwd: '/nonexistent' }).settings;
}
