import type { Principal } from '../contracts/principal.js';
import type { KeySet } from './key-set.js';

/** Times are seconds of the epoch, leeway included. */
export interface VerifiedToken {
  readonly principal: Principal;
  readonly notBefore: number;
  readonly expiresAt: number;
  /** The set that verified it; undefined: a configured key. With another set in force the token has to be verified anew. */
  readonly keys: KeySet | undefined;
}

/** Tokens found good, by digest, so that only the first call pays for the signature. Forgets the one unused for longest. */
export class VerifiedTokens {
  private readonly tokens = new Map<string, VerifiedToken>();

  constructor(private readonly countMax: number) {}

  get(digest: string, nowSeconds: number): VerifiedToken | undefined {
    const token = this.tokens.get(digest);
    if (token === undefined) return undefined;
    this.tokens.delete(digest);
    // A clock set back makes a token early again; it is judged from the start when it comes the next time.
    if (nowSeconds >= token.expiresAt || nowSeconds < token.notBefore) return undefined;
    this.tokens.set(digest, token);
    return token;
  }

  put(digest: string, token: VerifiedToken): void {
    this.tokens.delete(digest);
    this.tokens.set(digest, token);
    if (this.tokens.size <= this.countMax) return;
    for (const oldest of this.tokens.keys()) {
      this.tokens.delete(oldest);
      break;
    }
  }

  get count(): number {
    return this.tokens.size;
  }
}
