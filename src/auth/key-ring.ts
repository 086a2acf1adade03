import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';

/** Finds the principal of a presented key under these settings. Synchronous: authentication by key costs no promise. */
export abstract class KeyRing {
  abstract find(presented: string, settings: GatewaySettings): Principal | undefined;
}
