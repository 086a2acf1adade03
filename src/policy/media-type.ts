import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../contracts/gateway-error.js';

/** Throws `unsupported_media_type` unless the headers announce plain JSON in UTF-8, once. Asked before a byte of the body is read. */
export function requireJson({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): void {
  const type = headers['content-type'];
  // Of two headers Node shows the first; whoever reads the second would read another request.
  if (type === undefined || !(type === 'application/json' || JSON_TYPE.test(type)) || countOf(rawHeaders, 'content-type') !== 1)
    throw new GatewayError('unsupported_media_type', 'The body must be JSON in UTF-8: send one header Content-Type: application/json.');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && !/^(?:identity)?$/i.test(encoding))
    throw new GatewayError('unsupported_media_type', 'The body must not be compressed: leave out Content-Encoding, or send identity.');
}

const JSON_TYPE = /^application\/json *(?:; *charset=(?:utf-?8|"utf-?8") *)?;?$/i;

function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at];
    if (header !== undefined && header.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count;
}
