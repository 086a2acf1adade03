import type { Media } from './neutral-request.js';
import type { RequestValue } from './request-value.js';

/** An address as clients write it: a `data:` URL becomes bytes, every other URL is left to the provider. */
export function readMedia(value: RequestValue): Media {
  const url = value.word();
  if (!/^data:/i.test(url)) return SCHEME.test(url) ? { url } : value.wrong('a URL: https://… or data:…;base64,…');
  const comma = url.indexOf(',');
  const head = url.slice(5, Math.max(comma, 5));
  const mime = /^[^;,\s]+\/[^;,\s]+/.exec(head)?.[0].toLowerCase();
  if (comma < 0 || (mime === undefined && head !== '' && !head.startsWith(';'))) return value.wrong('a data URL: data:<type>;base64,<bytes>');
  const data = url.slice(comma + 1);
  if (!/;base64$/i.test(head)) return { base64: Buffer.from(decoded(value, data)).toString('base64'), mime: mime ?? 'text/plain' };
  if (!isBase64(data)) return value.refuse('the bytes of this data URL are no base64.');
  return { base64: data, mime: mime ?? 'application/octet-stream' };
}

/** Looks at both ends only: whoever decodes it judges the rest. */
export function isBase64(text: string): boolean {
  return text !== '' && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text.length <= 256 ? text : text.slice(0, 128) + text.slice(-128));
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\/\S+$/i;

function decoded(value: RequestValue, data: string): string {
  try {
    return decodeURIComponent(data);
  } catch {
    return value.refuse('this data URL is not encoded as a URL is.');
  }
}
