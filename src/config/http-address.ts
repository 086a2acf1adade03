import { nearestName } from './nearest-name.js';

/** A plain address of a server, checked; `fault` completes "… : ", `fix` is a valid one. */
export type HttpAddress = { readonly url: URL } | { readonly fault: string; readonly fix: string };

const EXAMPLE = '"https://api.example.com/v1"';

/** http or https, a host, no credentials, no fragment, nothing that a URL parser would silently mend. */
export function httpAddress(text: string): HttpAddress {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):(?!\d)/.exec(text)?.[1]?.toLowerCase();
  if (/[\s\x00-\x1f\x7f\\]/.test(text)) return { fault: 'white space, control characters and backslashes may not stand in an address', fix: EXAMPLE };
  if (scheme === undefined) return { fault: 'scheme is missing: it must be http or https', fix: `"${withScheme(text, ['http', 'https'])}"` };
  if (scheme !== 'http' && scheme !== 'https') return { fault: 'scheme must be http or https', fix: nearestScheme(scheme, ['http', 'https']) };
  if (!/^https?:\/\/[^/?#]/i.test(text)) return { fault: 'host is missing', fix: EXAMPLE };
  if (text.includes('#')) return { fault: 'an address may not hold a fragment (#)', fix: 'remove "#" and what follows' };
  if (/^[^/]*\/\/[^/?#]*@/.test(text)) return { fault: 'an address may not hold credentials', fix: 'name the key by api_key_env=VARIABLE' };
  if (!URL.canParse(text)) return { fault: 'this is no valid address (host or port)', fix: EXAMPLE };
  const url = new URL(text);
  if (url.port === '0') return { fault: 'port must be from 1 to 65535', fix: EXAMPLE };
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]')
    return { fault: '0.0.0.0 is an address to listen on, not one to call', fix: `"${url.protocol}//127.0.0.1${url.port && `:${url.port}`}"` };
  if (url.hostname.endsWith('.')) return { fault: 'host may not end with a dot', fix: `"${url.protocol}//${url.host.replace(/\.(?=$|:)/, '')}"` };
  return { url };
}

/** The mend for a scheme that is none. */
export function nearestScheme(scheme: string, known: readonly string[]): string {
  const near = nearestName(scheme, known);
  return near === undefined ? EXAMPLE : `did you mean ${near}://?`;
}

/** The same with a scheme: the one that stands there without its colon, else http. What may be a secret is left out. */
export function withScheme(text: string, known: readonly string[]): string {
  const [, word, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):?\/\/+(.*)$/s.exec(text) ?? [];
  const near = word === undefined ? undefined : nearestName(word, known);
  const [bare = ''] = (near === undefined ? text : (rest ?? '')).replace(/^\/+/, '').split(/[?#]/);
  return `${near ?? 'http'}://${bare.replace(/^[^/]*@/, '')}`;
}

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(bare);
}
