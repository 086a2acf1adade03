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

/** The settings of tokens; undefined when nothing verifies any. `placeOf` tells where a setting was written, undefined when it was not. */
export function resolveJwt(
  values: SettingsFile,
  placeOf: (setting: keyof SettingsFile) => Place | undefined,
  findings: Findings,
): JwtSettings | undefined {
  const [secretAt, keyAt, jwksAt, algorithmsAt] = [
    placeOf('jwt_secret'),
    placeOf('jwt_public_key'),
    placeOf('jwt_jwks_url'),
    placeOf('jwt_algorithms'),
  ];
  if (algorithmsAt) checkNames(values.jwt_algorithms, algorithmsAt, findings);
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
  const listAt = algorithmsAt ?? keyAt ?? jwksAt ?? secretAt;

  const { jwt_secret: secret, jwt_public_key: pem, jwt_jwks_url: jwksUrl } = values;
  if (secret !== undefined && secretAt) {
    if (symmetric.length === 0)
      findings.mistake(
        secretAt,
        '***',
        'a secret verifies HS256, HS384 and HS512 alone, and none of them is listed',
        'add HS256 to GATEWAY_JWT_ALGORITHMS, or remove the secret',
      );
    if (Buffer.byteLength(secret) < 32) findings.warn(secretAt, 'is shorter than 32 bytes and can be guessed; use a longer one');
  }
  const key = pem === undefined || !keyAt ? undefined : publicKey(pem, keyAt, findings);
  if (key && listAt) {
    const fitting = BY_KEY_TYPE[key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? ''] ?? [];
    if (!jwksAt && !asymmetric.some((name) => fitting.includes(name))) {
      findings.mistake(
        listAt,
        shownValue(listAt === keyAt ? undefined : algorithms.join(','), false),
        `no algorithm that fits this public key is listed (${algorithms.join(', ') || 'none'})`,
        `GATEWAY_JWT_ALGORITHMS=${fitting[0] ?? 'RS256'}`,
      );
    }
  } else if (asymmetric.length === 0 && listAt && (pem !== undefined || jwksUrl !== undefined)) {
    findings.mistake(
      listAt,
      algorithms.join(',') || '(empty)',
      'a public key or a key set needs an asymmetric algorithm, and none is listed',
      'GATEWAY_JWT_ALGORITHMS=RS256',
    );
  }
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
  const known = [...SYMMETRIC, ...ASYMMETRIC];
  if (algorithms.length === 0) findings.mistake(place, '(empty)', 'lists no algorithm', place.setTo('RS256'));
  for (const name of algorithms) {
    if (known.includes(name)) continue;
    if (name.toLowerCase() === 'none')
      findings.mistake(place, shownValue(name), 'tokens without a signature are never accepted', place.setTo('RS256'));
    else findings.mistake(place, shownValue(name), 'is no known algorithm', `did you mean ${nearestName(name, known) ?? 'RS256'}?`);
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
      `"https://${text.slice('http://'.length)}"`,
    );
}
