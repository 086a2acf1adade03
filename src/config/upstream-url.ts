import { httpAddress, nearestScheme, withScheme } from './http-address.js';
import { nearestName } from './nearest-name.js';

/** An upstream's address taken apart; options are still text. */
export interface UpstreamUrl {
  readonly scheme: 'http' | 'mock' | 'litellm';
  /** http: the base that paths such as `/chat/completions` are appended to. mock: `mock://local`. litellm: the model's name. */
  readonly target: string;
  readonly options: readonly (readonly [name: string, value: string])[];
}

export interface UpstreamUrlFault {
  readonly fault: string;
  readonly fix: string;
  /** What it was probably meant to be. */
  readonly scheme: UpstreamUrl['scheme'] | undefined;
  readonly options: UpstreamUrl['options'];
}

/** Options that mean something, by scheme: in the query, and as fields in the YAML file. */
export const UPSTREAM_OPTIONS = {
  http: ['model', 'api_key_env', 'timeout', 'max_concurrency', 'pass_through_errors'],
  mock: ['model', 'timeout', 'max_concurrency', 'ttft', 'tps', 'error_rate', 'status', 'reply', 'hang', 'cut_after'],
  litellm: ['api_key_env', 'api_base', 'api_version', 'vertex_project', 'vertex_location', 'timeout', 'max_concurrency', 'pass_through_errors'],
} as const satisfies Record<UpstreamUrl['scheme'], readonly string[]>;

const SCHEMES = ['http', 'https', 'mock', 'litellm'] as const;

export function readUpstreamUrl(text: string): UpstreamUrl | UpstreamUrlFault {
  const read = readPlain(text);
  if (!('fault' in read)) return read;
  const [, word = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):?\/\//.exec(text) ?? [];
  const meant = nearestName(word, SCHEMES) as (typeof SCHEMES)[number] | undefined;
  const [, query = ''] = split(split(text, '#')[0], '?');
  return { ...read, scheme: meant === 'https' ? 'http' : meant, options: [...new URLSearchParams(query)] };
}

function readPlain(text: string): UpstreamUrl | Pick<UpstreamUrlFault, 'fault' | 'fix'> {
  const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]*):(?!\d)/.exec(text) ?? [];
  if (scheme === 'mock' || scheme === 'litellm') {
    if (/[\s\x00-\x1f\x7f]/.test(text))
      return { fault: 'white space and control characters may not stand in an address', fix: 'write %20 for a blank' };
    const [before = '', query = ''] = split(text, '?');
    const target = /^[a-z]+:\/\/(.*)$/s.exec(before)?.[1] ?? '';
    const options = [...new URLSearchParams(query)];
    if (scheme === 'litellm')
      return target === '' ? { fault: 'the model is missing', fix: '"litellm://gpt-4o-mini"' } : { scheme, target: decoded(target), options };
    return /^local\/?$/.test(target)
      ? { scheme, target: 'mock://local', options }
      : { fault: 'a mock answers in the process: its address is mock://local', fix: '"mock://local"' };
  }
  const address = httpAddress(text);
  if ('fault' in address) {
    if (scheme !== undefined && !/^https?$/i.test(scheme))
      return { fault: 'scheme must be http or https (or mock, litellm)', fix: nearestScheme(scheme, SCHEMES) };
    return scheme === undefined && !/[\s\\]/.test(text) ? { fault: address.fault, fix: `"${withScheme(text, SCHEMES)}"` } : address;
  }
  const { url } = address;
  if (/\/(chat\/completions|completions|embeddings|responses|messages|models)\/*$/.test(url.pathname)) {
    return {
      fault: 'this is the address of an endpoint; the base alone is wanted',
      fix: `"${url.origin}${url.pathname.replace(/\/(chat\/)?[a-z]+\/*$/, '')}"`,
    };
  }
  return { scheme: 'http', target: baseWithVersion(url), options: [...url.searchParams] };
}

/** The base may or may not end in a version; one that does not gets `/v1`. */
export function baseWithVersion(url: URL): string {
  const base = trimmedBase(url);
  return /\/v\d+[a-z0-9]*$/.test(url.pathname.replace(/\/+$/, '')) ? base : `${base}/v1`;
}

export function trimmedBase(url: URL): string {
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function split(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
