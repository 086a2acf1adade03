import type { CompactVerifyGetKey } from 'jose';

/** Of keys that fit a token without `kid`, so many are tried. */
const CANDIDATES_MAX = 8;

/** A JWKS as it was fetched. Imported keys are kept with it, and its identity is its version: another text is another set. */
export class KeySet {
  private constructor(
    readonly text: string,
    private readonly jose: typeof import('jose'),
    private readonly find: CompactVerifyGetKey,
  ) {}

  /** Rejects when the text is no key set. Symmetric keys in it are never used: `jose` looks for RSA, EC and OKP alone. */
  static async from(text: string): Promise<KeySet> {
    // Loaded by the first set: most gateways have none.
    const jose = await import('jose');
    return new KeySet(text, jose, jose.createLocalJWKSet(JSON.parse(text)));
  }

  /** `unknown`: no key of this set fits the token's header. Never rejects. */
  async verify(token: string, algorithm: string): Promise<'verified' | 'unknown' | 'refused'> {
    const { compactVerify, errors } = this.jose;
    const options = { algorithms: [algorithm] };
    try {
      await compactVerify(token, this.find, options);
      return 'verified';
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return 'unknown';
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return 'refused';
      let left = CANDIDATES_MAX;
      for await (const key of error) {
        if (left-- === 0) break;
        if (
          await compactVerify(token, key, options).then(
            () => true,
            () => false,
          )
        )
          return 'verified';
      }
      return 'refused';
    }
  }
}
