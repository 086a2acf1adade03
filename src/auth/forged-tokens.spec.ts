import { createPrivateKey, generateKeyPairSync, type KeyLike, type KeyObject } from 'node:crypto';
import { forgedTokens, goodToken, type TrustedIssuer } from '../../test/doubles/forged-tokens.js';
import { KeySetServer } from '../../test/doubles/key-set-server.js';
import { loadSettings } from '../config/load-settings.js';
import { JwtVerifier } from './jwt-verifier.js';

const NOW_MS = 1_800_000_000_000;
const NOW = NOW_MS / 1000;
const CLAIMS = { sub: 'ada', iss: 'https://issuer.example', aud: 'gateway', exp: NOW + 600 };
const SECRET = 'a secret of at least thirty-two bytes!';
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const edwards = generateKeyPairSync('ed25519');
const ALL = 'HS256,RS256,PS256,ES256,EdDSA';

interface Setup {
  readonly name: string;
  readonly algorithm: string;
  readonly key: KeyLike;
  readonly publicKey?: KeyObject;
  readonly keyId?: string;
  readonly env: Record<string, string>;
}

const setups: Setup[] = [
  { name: 'a secret', algorithm: 'HS256', key: SECRET, env: { GATEWAY_JWT_SECRET: SECRET } },
  {
    name: 'an RSA key',
    algorithm: 'RS256',
    key: rsa.privateKey,
    publicKey: rsa.publicKey,
    env: { GATEWAY_JWT_PUBLIC_KEY: pem(rsa.publicKey), GATEWAY_JWT_ALGORITHMS: 'RS256' },
  },
  {
    name: 'an RSA key beside a secret, everything listed',
    algorithm: 'PS256',
    key: rsa.privateKey,
    publicKey: rsa.publicKey,
    env: { GATEWAY_JWT_PUBLIC_KEY: pem(rsa.publicKey), GATEWAY_JWT_SECRET: SECRET, GATEWAY_JWT_ALGORITHMS: 'HS256,HS384,HS512,PS256' },
  },
  {
    name: 'an RSA key, symmetric algorithms listed without a secret',
    algorithm: 'RS256',
    key: rsa.privateKey,
    publicKey: rsa.publicKey,
    env: { GATEWAY_JWT_PUBLIC_KEY: pem(rsa.publicKey), GATEWAY_JWT_ALGORITHMS: 'HS256,HS384,HS512,RS256' },
  },
  {
    name: 'an EC key, its line breaks written as \\n',
    algorithm: 'ES256',
    key: ec.privateKey,
    publicKey: ec.publicKey,
    env: { GATEWAY_JWT_PUBLIC_KEY: pem(ec.publicKey).replaceAll('\n', '\\n'), GATEWAY_JWT_ALGORITHMS: ALL },
  },
  {
    name: 'an Edwards key',
    algorithm: 'EdDSA',
    key: edwards.privateKey,
    publicKey: edwards.publicKey,
    env: { GATEWAY_JWT_PUBLIC_KEY: pem(edwards.publicKey), GATEWAY_JWT_ALGORITHMS: ALL },
  },
  { name: 'RSA in a key set', algorithm: 'RS256', key: rsa.privateKey, publicKey: rsa.publicKey, keyId: 'rsa', env: { GATEWAY_JWT_ALGORITHMS: ALL } },
  { name: 'EC in a key set', algorithm: 'ES256', key: ec.privateKey, publicKey: ec.publicKey, keyId: 'ec', env: { GATEWAY_JWT_ALGORITHMS: ALL } },
  {
    name: 'Edwards in a key set',
    algorithm: 'EdDSA',
    key: edwards.privateKey,
    publicKey: edwards.publicKey,
    keyId: 'edwards',
    env: { GATEWAY_JWT_ALGORITHMS: ALL },
  },
];

describe.each(setups)('forged tokens against $name ($algorithm)', ({ algorithm, key, publicKey, keyId, env }) => {
  const server = new KeySetServer();
  const canary = new KeySetServer();
  const issuer: TrustedIssuer = { algorithm, key, publicKey, keyId, claims: CLAIMS, nowSeconds: NOW };

  beforeAll(async () => {
    await server.start();
    await canary.start();
    server.serve([
      { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig' },
      { ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec', use: 'sig' },
      { ...edwards.publicKey.export({ format: 'jwk' }), kid: 'edwards', use: 'sig' },
      // A symmetric key in a public set would be anybody's.
      { kty: 'oct', kid: 'shared', k: Buffer.from('published').toString('base64url'), alg: 'HS256' },
    ]);
  });
  afterAll(() => Promise.all([server.stop(), canary.stop()]));

  const settings = () =>
    loadSettings({
      env: {
        ...env,
        ...(keyId === undefined ? {} : { GATEWAY_JWT_JWKS_URL: server.url }),
        GATEWAY_JWT_ISSUER: CLAIMS.iss,
        GATEWAY_JWT_AUDIENCE: CLAIMS.aud,
      },
      cwd: '/nonexistent',
    }).settings;
  const verifier = () => new JwtVerifier(() => {}, { wallClock: () => NOW_MS });

  it('accepts none of them, and the good ones around them', async () => {
    const [judge, rules] = [verifier(), settings()];
    const forged = forgedTokens(issuer, canary.url);
    expect(forged.length).toBeGreaterThanOrEqual(300);

    const accepted: string[] = [];
    for (const [index, { name, token }] of forged.entries()) {
      // A control of its own for every forgery: a verifier that refuses everything would pass too.
      const control = await judge.verify(goodToken(issuer, { jti: String(index) }), rules);
      if (control === 'refused' || control === 'unavailable') throw new Error(`control beside "${name}": ${control}`);
      if ((await judge.verify(token, rules)) !== 'refused') accepted.push(name);
    }
    expect(accepted).toEqual([]);
    expect(canary.hits).toBe(0);
  });

  it('refuses an id of a symmetric key that stands in the key set', async () => {
    const forged = goodToken({ ...issuer, algorithm: 'HS256', key: 'published' }, {}, { kid: 'shared' });
    await expect(verifier().verify(forged, settings())).resolves.toBe('refused');
  });

  it.each([
    ['exp at the last moment of the leeway', { exp: NOW - 59.999 }],
    ['exp as a fraction', { exp: NOW + 0.5 }],
    ['nbf at the end of the leeway', { nbf: NOW + 60 }],
    ['iat at the end of the leeway', { iat: NOW + 60 }],
    ['audience among others', { aud: ['other', 'gateway'] }],
    ['an access token by its claims', { typ: 'Bearer', token_use: 'access' }],
    ['a subject beyond ASCII', { sub: 'Ада 🙂' }],
    ['claims nobody knows', { role: 'admin', principal: 'x', kind: 'key', __proto__x: 1 }],
  ])('accepts %s', async (_name, claims) => {
    await expect(verifier().verify(goodToken(issuer, claims), settings())).resolves.toHaveProperty('kind', 'subject');
  });

  it.each([{ typ: undefined }, { typ: 'at+jwt' }, { typ: 'jwt' }, { jku: 'http://127.0.0.1:9/', x5u: 'x', jwk: {}, x5c: [] }])(
    'accepts and ignores what a header may hold: %j',
    async (header) => {
      await expect(verifier().verify(goodToken(issuer, {}, header), settings())).resolves.toHaveProperty('kind', 'subject');
    },
  );

  it('reads a token of 8 KiB', async () => {
    const empty = goodToken(issuer, { pad: '' }).length;
    const token = goodToken(issuer, { pad: 'x'.repeat(Math.floor(((8_192 - empty) / 4) * 3) - 3) });
    expect(token.length).toBeGreaterThan(8_150);
    expect(token.length).toBeLessThanOrEqual(8_192);
    await expect(verifier().verify(token, settings())).resolves.toHaveProperty('kind', 'subject');
  });
});

it('signs its controls with keys that are really private', () => {
  expect(createPrivateKey(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' })).type).toBe('private');
});
