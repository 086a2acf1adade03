import type { GatewaySettings } from '../contracts/gateway-settings.js';

/**
 * What is derived from settings (a key ring, a routing table), made once for each settings object when first asked for:
 * a call that began under old settings ends under them, and the old tables go when the last such call does.
 */
export function perSettings<T>(derive: (settings: GatewaySettings) => T): (settings: GatewaySettings) => T {
  const made = new WeakMap<GatewaySettings, T>();
  return (settings) => {
    let value = made.get(settings);
    if (value === undefined) made.set(settings, (value = derive(settings)));
    return value;
  };
}
