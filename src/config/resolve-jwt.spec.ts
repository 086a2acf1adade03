import { generateKeyPairSync } from 'node:crypto';
import { type LoadedSettings, loadSettings } from './load-settings.js';
import { SettingsMistakes } from './settings-mistakes.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString();

const load = (jwt: Record<string, string>): LoadedSettings =>
  loadSettings({ env: Object.fromEntries(Object.entries(jwt).map(([name, value]) => [`GATEWAY_JWT_${name}`, value])), cwd: '/nonexistent' });
const told = (jwt: Record<string, string>): string => {
  try {
    load(jwt);
  } catch (error) {
    if (error instanceof SettingsMistakes) return error.message;
    throw error;
  }
  return '';
};

it.each([
  ['as it is', pem],
  ['with line breaks written as \\n', pem.replaceAll('\n', '\\n')],
  ['indented, with Windows line ends', pem.replaceAll('\n', '\r\n  ')],
  ['in the older form', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
])('a public key is taken %s', (_, text) => {
  expect(load({ PUBLIC_KEY: text, ALGORITHMS: 'RS256' }).settings.auth.jwt?.publicKey).toBe(pem);
});

it.each<[string, Record<string, string>, string]>([
  [
    'algorithm none',
    { SECRET: 's'.repeat(32), ALGORITHMS: 'HS256,None' },
    'GATEWAY_JWT_ALGORITHMS = "None": tokens without a signature are never accepted',
  ],
  ['algorithm none without any key', { ALGORITHMS: 'none' }, 'GATEWAY_JWT_ALGORITHMS = "none"'],
  [
    'an unknown algorithm',
    { SECRET: 's'.repeat(32), ALGORITHMS: 'HS265' },
    'GATEWAY_JWT_ALGORITHMS = "HS265": is no known algorithm. Fix: did you mean HS256?',
  ],
  ['a secret with asymmetric algorithms alone', { SECRET: 's'.repeat(32), ALGORITHMS: 'RS256' }, 'GATEWAY_JWT_SECRET = ***: a secret verifies HS256'],
  [
    'a public key without any asymmetric algorithm',
    { PUBLIC_KEY: pem },
    'GATEWAY_JWT_ALGORITHMS = (missing): no algorithm that fits this public key is listed (HS256 is the default). Fix: GATEWAY_JWT_ALGORITHMS=RS256',
  ],
  [
    'a public key with symmetric algorithms listed',
    { PUBLIC_KEY: pem, ALGORITHMS: 'HS256' },
    'GATEWAY_JWT_ALGORITHMS = "HS256": no algorithm that fits this public key is listed (HS256). Fix: GATEWAY_JWT_ALGORITHMS=RS256',
  ],
  ['a public key with algorithms of another kind of key', { PUBLIC_KEY: ec, ALGORITHMS: 'RS256' }, 'Fix: GATEWAY_JWT_ALGORITHMS=ES256'],
  ['a key set without any asymmetric algorithm', { JWKS_URL: 'https://i.example.com/jwks' }, 'a key set needs an asymmetric algorithm'],
  [
    'a key set over plain http',
    { JWKS_URL: 'http://i.example.com/jwks', ALGORITHMS: 'RS256' },
    'GATEWAY_JWT_JWKS_URL = "http://i.example.com/jwks": plain http is allowed on loopback only',
  ],
  ['a key set nowhere', { JWKS_URL: 'i.example.com', ALGORITHMS: 'RS256' }, 'GATEWAY_JWT_JWKS_URL = "i.example.com": scheme is missing'],
  [
    'a private key',
    { PUBLIC_KEY: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), ALGORITHMS: 'RS256' },
    'GATEWAY_JWT_PUBLIC_KEY = ***: this is a private key',
  ],
  ['a broken PEM', { PUBLIC_KEY: pem.slice(0, 90), ALGORITHMS: 'RS256' }, 'GATEWAY_JWT_PUBLIC_KEY = ***: this is no valid public key in PEM'],
  [
    'a short RSA key',
    {
      PUBLIC_KEY: generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      ALGORITHMS: 'RS256',
    },
    'an RSA key of 1024 bits is too short',
  ],
])('%s is refused', (_, jwt, expected) => {
  expect(told(jwt)).toContain(`${expected.startsWith('GATEWAY') ? 'config error: ' : ''}${expected}`);
});

it('a key set on loopback may be plain http', () => {
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) expect(told({ JWKS_URL: `http://${host}:1/jwks`, ALGORITHMS: 'RS256' })).toBe('');
});

it('a secret and a public key go together when algorithms of both are listed', () => {
  expect(load({ SECRET: 's'.repeat(32), PUBLIC_KEY: ec, ALGORITHMS: 'HS256,ES256' }).settings.auth.jwt).toMatchObject({
    secret: 's'.repeat(32),
    publicKey: ec,
    algorithms: ['HS256', 'ES256'],
  });
});

it('a short secret is accepted with a warning; an issuer without any key does nothing, and is told so', () => {
  expect(load({ SECRET: 'short' }).warnings).toEqual([expect.stringContaining('shorter than 32 bytes')]);
  expect(load({ ISSUER: 'me' }).warnings).toEqual([expect.stringContaining('GATEWAY_JWT_ISSUER has no effect')]);
  expect(load({}).settings.auth.jwt).toBeUndefined();
});
