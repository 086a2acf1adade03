import { hash, randomBytes } from 'node:crypto';
import { perSettings } from '../config/per-settings.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';
import { KeyRing } from './key-ring.js';
import { namedPrincipal } from './named-principal.js';

/** Longer texts are no keys (unless a longer one is configured) and are not hashed: a stranger chooses their length. */
const KEY_LENGTH_MAX = 512;

/**
 * Holds keys as HMAC-SHA-256 digests under a secret made at start, and finds them by digest. Constant time by construction: every text
 * presented costs one HMAC and one look-up in a hash table, whatever the number of keys, and what is compared are digests that nobody
 * outside can foresee, so where a comparison ends tells nothing of a key. A miss costs what a hit costs: no cache, no memory of bad keys.
 */
export class DigestKeyRing extends KeyRing {
  private readonly secret = randomBytes(32).toString('hex');
  private readonly ring = perSettings((settings) => this.derive(settings));

  override find(presented: string, settings: GatewaySettings): Principal | undefined {
    const { lengthMax, principals } = this.ring(settings);
    return presented.length > lengthMax ? undefined : principals.get(this.digest(presented));
  }

  /** Makes the ring of these settings now, so that no request pays for it. */
  prepare(settings: GatewaySettings): void {
    this.ring(settings);
  }

  private derive(settings: GatewaySettings): { readonly lengthMax: number; readonly principals: ReadonlyMap<string, Principal> } {
    const principals = new Map<string, Principal>();
    let lengthMax = KEY_LENGTH_MAX;
    for (const key of settings.auth.apiKeys) {
      lengthMax = Math.max(lengthMax, key.length);
      principals.set(this.digest(key), namedPrincipal('key', key, settings));
    }
    return { lengthMax, principals };
  }

  private digest(text: string): string {
    // The digest never leaves this process: the secret before the text is as good as an HMAC, and half its price.
    return hash('sha256', this.secret + text, 'base64');
  }
}
