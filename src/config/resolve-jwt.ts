import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { JwtSettings } from '../contracts/gateway-settings.js';
import type { Findings } from './findings.js';
import { httpAddress, isLoopback } from './http-address.js';
import { nearestName } from './nearest-name.js';
import type { Place } from './place.js';
import type { SettingsFile } from './settings-file.js';
import { shownValue } from './shown-value.js';

const SYMMETRIC = ['HS256', 'HS384', 'HS512'];
const BY_KEY_TYPE: Readonly<Record<string, readonly string[]>> = {
  rsa: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'rsa-pss': ['PS256', 'PS384', 'PS512'],
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
  ed25519: ['EdDSA'],
};
const ASYMMETRIC = [...new Set(Object.values(BY_KEY_TYPE).flat())];
const KNOWN = [...SYMMETRIC, ...ASYMMETRIC];

/**
 * The settings of tokens; undefined when nothing verifies any. `placeOf` tells where a setting was written, undefined when it was not. Of a
 * doubtful setting nobody knows what was meant.
 */
export function resolveJwt(
  values: SettingsFile,
  placeOf: (setting: keyof SettingsFile) => Place | undefined,
  isDoubtful: (setting: keyof SettingsFile) => boolean,
  findings: Findings,
): JwtSettings | undefined {
  const [secretAt, keyAt, jwksAt, algorithmsAt] = [
    placeOf('jwt_secret'),
    placeOf('jwt_public_key'),
    placeOf('jwt_jwks_url'),
    placeOf('jwt_algorithms'),
  ];
  const isListKnown = !isDoubtful('jwt_algorithms');
  if (algorithmsAt && isListKnown) checkNames(values.jwt_algorithms, algorithmsAt, findings);
  if (!secretAt && !keyAt && !jwksAt) {
    for (const setting of ['jwt_algorithms', 'jwt_issuer', 'jwt_audience'] as const) {
      const place = placeOf(setting);
      if (place) findings.warn(place, 'has no effect without GATEWAY_JWT_SECRET, GATEWAY_JWT_PUBLIC_KEY or GATEWAY_JWT_JWKS_URL');
    }
    return undefined;
  }

  const algorithms = values.jwt_algorithms;
  const asymmetric = algorithms.filter((name) => ASYMMETRIC.includes(name));
  const symmetric = algorithms.filter((name) => SYMMETRIC.includes(name));
  const listAt = algorithmsAt ?? (keyAt ?? jwksAt ?? secretAt)?.beside('jwt_algorithms');
  // Names that are none, and an empty list, are told already.
  const isUsable = isListKnown && algorithms.length > 0 && algorithms.every((name) => KNOWN.includes(name));
  const listed = algorithmsAt === undefined ? '(missing)' : shownValue(algorithms.join(','));

  const { jwt_secret: secret, jwt_public_key: pem, jwt_jwks_url: jwksUrl } = values;
  if (secret !== undefined && secretAt) {
    if (isUsable && symmetric.length === 0)
      findings.mistake(
        secretAt,
        '***',
        'a secret verifies HS256, HS384 and HS512 alone, and none of them is listed',
        `add HS256 to ${String(listAt)}, or remove the secret`,
      );
    if (Buffer.byteLength(secret) < 32) findings.warn(secretAt, 'is shorter than 32 bytes and can be guessed; use a longer one');
  }
  const key = pem === undefined || !keyAt ? undefined : publicKey(pem, keyAt, findings);
  if (isUsable && listAt && key) {
    const fitting = BY_KEY_TYPE[key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? ''] ?? [];
    const [first = 'RS256'] = fitting;
    if (!jwksAt && !asymmetric.some((name) => fitting.includes(name)))
      findings.mistake(
        listAt,
        listed,
        `no algorithm that fits this public key is listed (${algorithms.join(', ')}${algorithmsAt === undefined ? ' is the default' : ''})`,
        listAt.setTo(first, `[${first}]`),
      );
  } else if (isUsable && listAt && asymmetric.length === 0 && (pem !== undefined || jwksUrl !== undefined))
    findings.mistake(listAt, listed, 'a public key or a key set needs an asymmetric algorithm, and none is listed', listAt.setTo('RS256', '[RS256]'));
  if (jwksUrl !== undefined && jwksAt) checkJwks(jwksUrl, jwksAt, findings);
  return {
    secret,
    publicKey: key?.export({ type: 'spki', format: 'pem' }).toString(),
    jwksUrl,
    algorithms,
    issuer: values.jwt_issuer,
    audience: values.jwt_audience,
  };
}

function checkNames(algorithms: readonly string[], place: Place, findings: Findings): void {
  const fix = place.setTo('RS256', '[RS256]');
  if (algorithms.length === 0) findings.mistake(place, '(empty)', 'lists no algorithm', fix);
  for (const [index, name] of algorithms.entries()) {
    if (KNOWN.includes(name)) continue;
    const at = place.inEnvironment ? place : place.at(index);
    if (name.toLowerCase() === 'none') findings.mistake(at, shownValue(name), 'tokens without a signature are never accepted', fix);
    else findings.mistake(at, shownValue(name), 'is no known algorithm', `did you mean ${nearestName(name, KNOWN) ?? 'RS256'}?`);
  }
}

function publicKey(text: string, place: Place, findings: Findings): KeyObject | undefined {
  const pem = text
    .replaceAll('\\n', '\n')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .join('\n')
    .trim();
  const fix = place.setTo('-----BEGIN PUBLIC KEY-----\\n…\\n-----END PUBLIC KEY-----');
  if (pem.includes('PRIVATE KEY') || isPrivate(pem))
    findings.mistake(place, '***', 'this is a private key; the public one is wanted', `${fix} (openssl pkey -in private.pem -pubout)`);
  else {
    try {
      const key = createPublicKey(pem);
      const bits = key.asymmetricKeyDetails?.modulusLength;
      if (bits === undefined || bits >= 2048) return key;
      findings.mistake(place, '***', `an RSA key of ${bits} bits is too short; 2048 are the least`, fix);
    } catch {
      findings.mistake(place, '***', 'this is no valid public key in PEM', fix);
    }
  }
  return undefined;
}

function isPrivate(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    return false;
  }
}

function checkJwks(text: string, place: Place, findings: Findings): void {
  const address = httpAddress(text);
  if ('fault' in address) findings.mistake(place, shownValue(text), address.fault, '"https://issuer.example.com/.well-known/jwks.json"');
  else if (address.url.protocol === 'http:' && !isLoopback(address.url.hostname))
    findings.mistake(
      place,
      shownValue(text),
      'plain http is allowed on loopback only: anybody on the way could hand out keys',
      shownValue(`https://${text.slice('http://'.length)}`),
    );
}
