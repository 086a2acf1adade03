import { isIP } from 'node:net';

/** Where connections of an upstream go. */
export interface UpstreamAddress {
  /** `https://api.example.com:8443`: upstreams that agree in it share connections. */
  readonly origin: string;
  readonly secure: boolean;
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isName: boolean;
  /** What stands before a request's path, without a trailing slash. */
  readonly pathPrefix: string;
}

export function upstreamAddress(baseUrl: string): UpstreamAddress {
  const url = new URL(baseUrl);
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    origin: url.origin,
    secure,
    host,
    port: Number(url.port) || (secure ? 443 : 80),
    isName: isIP(host) === 0,
    pathPrefix: url.pathname.replace(/\/+$/, ''),
  };
}
