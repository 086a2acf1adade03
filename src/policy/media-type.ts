import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../contracts/gateway-error.js';

/** Throws `unsupported_media_type` unless the headers announce plain JSON in UTF-8, once. Asked before a byte of the body is read. */
export function requireJson({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): void {
  const type = headers['content-type'];
  // Of two headers Node shows the first; whoever reads the second would read another request.
  if (type === undefined || !(type === 'application/json' || isJson(type)) || countOf(rawHeaders, 'content-type') !== 1)
    throw new GatewayError('unsupported_media_type', 'The body must be JSON in UTF-8: send one header Content-Type: application/json.');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && !/^(?:identity)?$/i.test(encoding))
    throw new GatewayError('unsupported_media_type', 'The body must not be compressed: leave out Content-Encoding, or send identity.');
}

/** Parameters say nothing of JSON, but for one charset, which is the one that JSON has. */
function isJson(type: string): boolean {
  const [name = '', ...parameters] = type.split(';');
  if (!/^application\/json *$/i.test(name)) return false;
  const charsets = parameters.filter((parameter) => /^ *charset=/i.test(parameter));
  return charsets.length <= 1 && charsets.every((charset) => UTF_8.test(charset)) && parameters.every((parameter) => PARAMETER.test(parameter));
}

const UTF_8 = /^ *charset=(?:utf-?8|"utf-?8") *$/i;
const PARAMETER = /^ *(?:[\w!#$%&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"[^"\\]*") *)?$/;

function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at];
    if (header !== undefined && header.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count;
}
