import { createHmac, hash } from 'node:crypto';
import type { AwsCredentials } from './aws-credentials.js';

/** What is signed. */
export interface UnsignedRequest {
  readonly method: string;
  /** Encoded as it is sent, without a query. */
  readonly url: URL;
  /** Lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** For what a signature is good. */
export interface SignatureScope {
  readonly region: string;
  readonly service: string;
  readonly at: Date;
}

/**
 * The headers that sign a request after AWS' Signature Version 4: the time, the session's token where there is one, and the signature, of these,
 * the host, the content type, every other `x-amz-…`, the path and the body. `keyOf`: for who remembers the keys that he derived.
 */
export function signatureV4(
  { method, url, headers, body }: UnsignedRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { region, service, at }: SignatureScope,
  keyOf = signingKey,
): Readonly<Record<string, string>> {
  const time = at.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const added = { 'x-amz-date': time, ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }) };
  const signed = Object.entries({ ...headers, ...added, host: url.host })
    .filter(([name]) => name === 'host' || name === 'content-type' || name.startsWith('x-amz-'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value.trim().replaceAll(/ +/g, ' ')}\n`).join('');
  const canonical = [method, encodedAgain(url.pathname), '', lines, names, sha256(body)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = keyOf(secretAccessKey, day, region, service);
  const signature = createHmac('sha256', key)
    .update(`${ALGORITHM}\n${time}\n${scope}\n${sha256(canonical)}`)
    .digest('hex');
  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...added, authorization };
}

/** Good for a day, a region and a service. */
export function signingKey(secret: string, day: string, region: string, service: string): Buffer {
  let key: Buffer | string = `AWS4${secret}`;
  for (const part of [day, region, service, 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
  return Buffer.from(key);
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Every service but S3 wants what is encoded in a path encoded once more: `%3A` becomes `%253A`. */
function encodedAgain(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9\-._~/]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function sha256(data: Buffer | string): string {
  return hash('sha256', data, 'hex');
}
