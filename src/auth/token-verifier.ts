import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';

/** `refused` whatever the reason; `unavailable` when the keys could not be fetched and none is known. */
export type TokenVerdict = Principal | 'refused' | 'unavailable';

/** Reads a bearer that has three parts as a JWT, by the rules of the settings. Never rejects. */
export abstract class TokenVerifier {
  abstract verify(token: string, settings: GatewaySettings): Promise<TokenVerdict>;
}
