import { isIP } from 'node:net';
import type { PrincipalPolicy } from '../contracts/gateway-settings.js';
import { checkObject } from './check-object.js';
import type { Findings } from './findings.js';
import { isLoopback } from './http-address.js';
import { KeyPolicyFile } from './key-policy-file.js';
import type { Place } from './place.js';
import { principalNameFault } from './setting-names.js';
import { shownValue } from './shown-value.js';

/** Keys: none stands there twice, each can stand in a header. Without any, `dev-key` serves, on loopback alone. */
export function resolveKeys(
  keys: readonly string[],
  keysAt: Place | undefined,
  host: string,
  hostAt: Place | undefined,
  hasTokens: boolean,
  findings: Findings,
): { readonly apiKeys: readonly string[]; readonly usesDefaultKey: boolean } {
  if (keysAt === undefined) {
    if (isLoopback(host)) return { apiKeys: keys, usesDefaultKey: true };
    if (hasTokens) return { apiKeys: [], usesDefaultKey: false };
    if (hostAt)
      findings.mistake(
        hostAt,
        shownValue(host),
        'everybody knows the default key; on an address other than loopback GATEWAY_API_KEYS must be set',
        hostAt.inEnvironment
          ? 'GATEWAY_API_KEYS=a-long-random-key'
          : `GATEWAY_API_KEYS=a-long-random-key, or ${hostAt.beside('api_keys_file').setTo('/run/secrets/api-keys')}`,
      );
    return { apiKeys: [], usesDefaultKey: false };
  }
  if (keys.length === 0) findings.mistake(keysAt, '(empty)', 'lists no key', keysAt.setTo('key-one,key-two', '[key-one, key-two]'));
  const firstAt = new Map<string, number>();
  for (const [index, key] of keys.entries()) {
    const first = firstAt.get(key);
    if (first === undefined) firstAt.set(key, index);
    if (!/^[\x21-\x7e]+$/.test(key) || /[[\]{}"']/.test(key))
      findings.mistake(
        keysAt.at(index),
        '***',
        'a key may hold printable ASCII alone, without white space, quotes, brackets and braces',
        'generate one: openssl rand -hex 24',
      );
    else if (first !== undefined) findings.mistake(keysAt.at(index), '***', `is the same key as number ${first + 1}`, 'keep one of them');
  }
  if (keys.includes('dev-key') && !isLoopback(host))
    findings.warn(keysAt, 'holds dev-key, which everybody knows, and the gateway is not bound to loopback');
  return { apiKeys: keys, usesDefaultKey: false };
}

/** Policies by key or subject. Their names may be keys: they are told by number. `keys` undefined: nobody knows which were meant. */
export function resolvePolicies(
  entries: ReadonlyMap<unknown, unknown>,
  map: Place,
  keys: readonly string[] | undefined,
  hasTokens: boolean,
  answers: (name: string) => boolean,
  findings: Findings,
): Map<string, PrincipalPolicy> {
  const policies = new Map<string, PrincipalPolicy>();
  const known = keys && new Set(keys);
  let number = 0;
  for (const [key, entry] of entries) {
    const name = String(key);
    const place = map.at(name, `#${++number}`);
    const fault = principalNameFault(key);
    if (fault !== undefined) findings.mistake(place, '***', fault, 'name it by a key of GATEWAY_API_KEYS, or by the sub of a token');
    if (!(entry instanceof Map)) {
      const fix = place.setTo('{"rate_limit_per_minute":30}', '{ rate_limit_per_minute: 30 }').replace(/^[^:]*: /, '');
      findings.mistake(place, '(not shown)', 'must be a map with allowed_models or rate_limit_per_minute', fix);
      continue;
    }
    const policy = checkObject(KeyPolicyFile, entry, place, findings);
    if (fault === undefined && known?.has(name) === false)
      findings.warn(
        place,
        hasTokens ? 'is named by no key; it counts for a token with that sub' : 'is named by no key and there are no tokens: it never counts',
      );
    for (const [index, model] of (policy.allowed_models ?? []).entries()) {
      if (answers(model)) continue;
      const found = shownValue(model);
      findings.warn(place.at('allowed_models').at(index), `${found} is neither a route nor an upstream, and there is no default upstream`, found);
    }
    policies.set(name, { allowedModels: policy.allowed_models, rateLimitPerMinute: policy.rate_limit_per_minute });
  }
  return policies;
}

/** Addresses and CIDR blocks alone: a number or a name would trust what anybody can write into a header. */
export function checkProxies(proxies: readonly string[], place: Place, findings: Findings): void {
  for (const [index, proxy] of proxies.entries()) {
    const at = place.inEnvironment ? place : place.at(index);
    const [address = '', prefix, ...more] = proxy.split('/');
    const family = isIP(address);
    const mapped = /^::ffff:/i.test(address);
    const bits = family === 4 ? 32 : 128;
    if (
      family === 0 ||
      address.includes('%') ||
      mapped ||
      more.length > 0 ||
      (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits))
    ) {
      const reason = mapped
        ? 'IPv4 inside IPv6 is not taken here'
        : family === 0
          ? 'must be an IP address or a CIDR block; numbers, words and host names are not trusted'
          : `the prefix must be from 0 to ${bits}`;
      findings.mistake(at, shownValue(proxy), reason, place.setTo('10.0.0.0/8,192.168.1.7', '[10.0.0.0/8, 192.168.1.7]'));
    } else if (prefix !== undefined && Number(prefix) === 0)
      findings.warn(at, `${proxy} believes everybody: any client can choose its own address`, shownValue(proxy));
  }
}
