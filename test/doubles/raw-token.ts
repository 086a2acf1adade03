import { constants, createHmac, type KeyLike, sign } from 'node:crypto';

/** A part of a token: an object is written as JSON, text and bytes go in as they are. */
export type TokenPart = object | string | Buffer;

/** A token with whatever stands in its parts, signed truly: for tokens that no library would make. */
export function rawToken(header: TokenPart, claims: TokenPart, algorithm: string, key: KeyLike): string {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${signature(signed, algorithm, key).toString('base64url')}`;
}

export function encoded(part: TokenPart): string {
  const bytes = typeof part === 'string' || Buffer.isBuffer(part) ? Buffer.from(part) : Buffer.from(JSON.stringify(part));
  return bytes.toString('base64url');
}

export function signature(signed: string, algorithm: string, key: KeyLike): Buffer {
  const digest = `sha${algorithm.slice(2)}`;
  const data = Buffer.from(signed);
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return createHmac(digest, key as string)
        .update(data)
        .digest();
    case 'RS':
      return sign(digest, data, key);
    case 'PS':
      return sign(digest, data, { key: key as string, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
    case 'ES':
      return sign(digest, data, { key: key as string, dsaEncoding: 'ieee-p1363' });
    default:
      return sign(null, data, key);
  }
}
