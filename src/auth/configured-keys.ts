import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import type { JwtSettings } from '../contracts/gateway-settings.js';

const SYMMETRIC = ['HS256', 'HS384', 'HS512'];

/**
 * The secret and the public key that stand in the settings. Each is bound to its own algorithms when it is made, as a key object and never
 * as text: no header can make a secret out of a public key. Signatures alone are judged here; times and claims belong to `token-claims.ts`.
 */
export class ConfiguredKeys {
  private readonly secret: JwtService | undefined;
  private readonly publicKey: JwtService | undefined;
  private readonly edwardsKey: KeyObject | undefined;

  constructor(jwt: JwtSettings) {
    const verifyOptions = (symmetric: boolean) => ({
      // A list even when it is empty: without one the package would choose for itself.
      algorithms: jwt.algorithms.filter((name) => SYMMETRIC.includes(name) === symmetric) as 'HS256'[],
      ignoreExpiration: true,
      ignoreNotBefore: true,
    });
    if (jwt.secret !== undefined)
      this.secret = new JwtService({ secret: createSecretKey(Buffer.from(jwt.secret)), verifyOptions: verifyOptions(true) });
    if (jwt.publicKey !== undefined) {
      const key = createPublicKey(jwt.publicKey);
      // `@nestjs/jwt` knows no Edwards curves.
      if (key.asymmetricKeyType === 'ed25519') this.edwardsKey = key;
      else this.publicKey = new JwtService({ publicKey: key, verifyOptions: verifyOptions(false) });
    }
  }

  /** `algorithm` is the token's, and on the allow-list. Never rejects. */
  verifies(token: string, algorithm: string): boolean | Promise<boolean> {
    if (SYMMETRIC.includes(algorithm)) return verifies(this.secret, token);
    if (algorithm !== 'EdDSA') return verifies(this.publicKey, token);
    return this.edwardsKey !== undefined && verifiesEdwards(this.edwardsKey, token);
  }
}

function verifies(service: JwtService | undefined, token: string): boolean {
  if (service === undefined) return false;
  try {
    service.verify(token);
    return true;
  } catch {
    return false;
  }
}

async function verifiesEdwards(key: KeyObject, token: string): Promise<boolean> {
  try {
    const { compactVerify } = await import('jose');
    await compactVerify(token, key, { algorithms: ['EdDSA'] });
    return true;
  } catch {
    return false;
  }
}
