import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { exportJWK, SignJWT } from 'jose';
import { HandClock } from '../../test/doubles/hand-clock.js';
import { KeySetServer } from '../../test/doubles/key-set-server.js';
import { rawToken } from '../../test/doubles/raw-token.js';
import { loadSettings } from '../config/load-settings.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { DigestKeyRing } from './digest-key-ring.js';
import { JwtVerifier } from './jwt-verifier.js';
import type { TokenVerdict } from './token-verifier.js';

const SECRET = 'a secret of at least thirty-two bytes!';
const NOW = 1_800_000_000;
const settings = (env: Record<string, string>): GatewaySettings => loadSettings({ env, cwd: '/nonexistent' }).settings;
const secretSettings = (env: Record<string, string> = {}) => settings({ GATEWAY_JWT_SECRET: SECRET, ...env });
const token = (claims: object, header: object = {}) =>
  rawToken({ alg: 'HS256', ...header }, { sub: 'ada', exp: NOW + 600, ...claims }, 'HS256', SECRET);

class Time {
  seconds = NOW;
  readonly clock = new HandClock();
  readonly parts = { clock: this.clock, wallClock: () => this.seconds * 1000, keySetTimeoutMs: 500 };

  advance(seconds: number): void {
    this.seconds += seconds;
    this.clock.advance(seconds * 1000);
  }
}

function principal(verdict: TokenVerdict) {
  if (typeof verdict === 'string') throw new Error(`no principal: ${verdict}`);
  return verdict;
}

describe('a token and its policy', () => {
  const verifier = new JwtVerifier(() => {}, new Time().parts);
  const rules = secretSettings({
    GATEWAY_API_KEYS: 'ada,bob',
    GATEWAY_RATE_LIMIT_PER_MINUTE: '40',
    GATEWAY_API_KEY_POLICIES:
      '{"ada":{"allowed_models":["chat","code"],"rate_limit_per_minute":30},"root":{"rate_limit_per_minute":0},"bob":{"rate_limit_per_minute":1}}',
  });
  const verify = async (claims: object) => principal(await verifier.verify(token(claims), rules));

  it('has the policy of its subject, or what holds for everybody', async () => {
    expect(await verify({})).toMatchObject({ kind: 'subject', allowedModels: new Set(['chat', 'code']), rateLimitPerMinute: 30 });
    expect(await verify({ sub: 'nobody' })).toMatchObject({ allowedModels: undefined, rateLimitPerMinute: 40 });
  });

  it('is another principal than a key spelled alike', async () => {
    const key = new DigestKeyRing().find('ada', rules);
    const subject = await verify({});
    expect(subject.id).toMatch(/^[0-9a-f]{32}$/);
    expect(subject.id).not.toBe(key?.id);
    expect((await verify({ jti: '2' })).id).toBe(subject.id);
  });

  it.each([
    ['fewer models', { allowed_models: ['chat'] }, ['chat'], 30],
    ['models beyond the policy', { allowed_models: ['chat', 'secret', '*'] }, ['chat'], 30],
    ['none of its models', { allowed_models: ['secret'] }, [], 30],
    ['no models', { allowed_models: [] }, [], 30],
    ['words of JavaScript', { allowed_models: ['__proto__', 'constructor'] }, [], 30],
    ['a smaller limit', { rate_limit_per_minute: 5 }, ['chat', 'code'], 5],
    ['a larger limit', { rate_limit_per_minute: 1_000 }, ['chat', 'code'], 30],
    ['no limit', { rate_limit_per_minute: 0 }, ['chat', 'code'], 30],
    ['what it has', { rate_limit_per_minute: 30, allowed_models: ['code', 'chat'] }, ['code', 'chat'], 30],
  ])('is narrowed by its claims and never widened: %s', async (_name, claims, models, rate) => {
    expect(await verify(claims)).toMatchObject({ allowedModels: new Set(models), rateLimitPerMinute: rate });
  });

  it.each([
    [{ sub: 'root', rate_limit_per_minute: 5 }, 5],
    [{ sub: 'root', rate_limit_per_minute: 0 }, 0],
    [{ sub: 'nobody', rate_limit_per_minute: 0 }, 40],
    [{ sub: 'nobody', rate_limit_per_minute: 41 }, 40],
  ])('may give an unlimited subject a limit, and no subject none: %j', async (claims, rate) => {
    expect((await verify(claims)).rateLimitPerMinute).toBe(rate);
  });

  it('takes models from its claims where the policy names none', async () => {
    expect((await verify({ sub: 'nobody', allowed_models: ['x'] })).allowedModels).toEqual(new Set(['x']));
  });

  it.each(['__proto__', 'constructor', 'toString', '*'])('finds no policy for the subject %s', async (sub) => {
    expect(await verify({ sub })).toMatchObject({ allowedModels: undefined, rateLimitPerMinute: 40 });
  });

  it('gives nothing for claims that sound like more', async () => {
    const claims = { role: 'admin', kind: 'key', id: 'x', principal: { id: 'x' }, allowedModels: ['secret'], rateLimitPerMinute: 0, scope: '*' };
    expect(Object.keys(await verify(claims)).sort()).toEqual(['allowedModels', 'id', 'kind', 'rateLimitPerMinute']);
    expect(await verify(claims)).toEqual(await verify({}));
  });
});

describe('a token verified before', () => {
  it('is verified once: @nestjs/jwt sees its signature at the first call alone', async () => {
    const original = Object.getOwnPropertyDescriptor(JwtService.prototype, 'verify');
    if (original === undefined) throw new Error('@nestjs/jwt has changed');
    let calls = 0;
    Object.defineProperty(JwtService.prototype, 'verify', {
      ...original,
      value(this: JwtService, ...args: Parameters<JwtService['verify']>): unknown {
        calls += 1;
        return (original.value as JwtService['verify']).apply(this, args);
      },
    });
    try {
      const verifier = new JwtVerifier(() => {}, new Time().parts);
      const rules = secretSettings();
      const good = token({});
      const first = await verifier.verify(good, rules);
      for (let index = 0; index < 10; index++) expect(await verifier.verify(good, rules)).toBe(first);
      expect(calls).toBe(1);
      await verifier.verify(`${good.slice(0, -4)}AAAA`, rules);
      expect(calls).toBe(2);
    } finally {
      Object.defineProperty(JwtService.prototype, 'verify', original);
    }
  });

  it('ends with its leeway, to the moment', async () => {
    const time = new Time();
    const verifier = new JwtVerifier(() => {}, time.parts);
    const rules = secretSettings();
    const good = token({ exp: NOW + 10 });
    const at = async (seconds: number) => {
      time.seconds = seconds;
      return typeof (await verifier.verify(good, rules)) === 'string' ? 'refused' : 'accepted';
    };
    expect(await at(NOW)).toBe('accepted');
    expect(await at(NOW + 69.999)).toBe('accepted');
    expect(await at(NOW + 70)).toBe('refused');
    expect(await at(NOW + 69)).toBe('accepted');
  });

  it('is not yet good after the clock was set back', async () => {
    const time = new Time();
    const verifier = new JwtVerifier(() => {}, time.parts);
    const rules = secretSettings();
    const good = token({ nbf: NOW - 10 });
    expect(await verifier.verify(good, rules)).toHaveProperty('id');
    time.seconds = NOW - 71;
    expect(await verifier.verify(good, rules)).toBe('refused');
    time.seconds = NOW - 70;
    expect(await verifier.verify(good, rules)).toHaveProperty('id');
  });

  it('counts for the settings that accepted it, and for no others', async () => {
    const verifier = new JwtVerifier(() => {}, new Time().parts);
    const good = token({ iss: 'https://a' });
    const old = secretSettings();
    expect(await verifier.verify(good, old)).toHaveProperty('id');
    expect(await verifier.verify(good, secretSettings({ GATEWAY_JWT_SECRET: `${SECRET}2` }))).toBe('refused');
    expect(await verifier.verify(good, secretSettings({ GATEWAY_JWT_ISSUER: 'https://b' }))).toBe('refused');
    expect(await verifier.verify(good, settings({}))).toBe('refused');
    const limited = secretSettings({ GATEWAY_API_KEY_POLICIES: '{"ada":{"rate_limit_per_minute":2}}' });
    expect(await verifier.verify(good, limited)).toHaveProperty('rateLimitPerMinute', 2);
    expect(await verifier.verify(good, old)).toHaveProperty('rateLimitPerMinute', 60);
  });
});

describe('configured keys', () => {
  it.each(['HS256', 'HS384', 'HS512'] as const)('accepts what @nestjs/jwt signs with %s', async (algorithm) => {
    const good = new JwtService({ secret: SECRET }).sign({}, { algorithm, subject: 'ada', expiresIn: '5m' });
    const rules = secretSettings({ GATEWAY_JWT_ALGORITHMS: 'HS256,HS384,HS512' });
    expect(await new JwtVerifier(() => {}).verify(good, rules)).toHaveProperty('kind', 'subject');
  });

  it('accepts listed algorithms alone, even signed by the right key', async () => {
    const verifier = new JwtVerifier(() => {}, new Time().parts);
    const signed = rawToken({ alg: 'HS384' }, { sub: 'ada', exp: NOW + 600 }, 'HS384', SECRET);
    expect(await verifier.verify(signed, secretSettings({ GATEWAY_JWT_ALGORITHMS: 'HS256,HS512' }))).toBe('refused');
    expect(await verifier.verify(signed, secretSettings({ GATEWAY_JWT_ALGORITHMS: 'HS384' }))).toHaveProperty('id');
  });

  it.each([
    ['RS512', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['PS384', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['ES512', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
  ])('accepts what jose signs with %s, from a key in PEM and from a key set', async (algorithm, pair) => {
    const { publicKey, privateKey } = pair as { publicKey: KeyObject; privateKey: KeyObject };
    const good = await new SignJWT({}).setProtectedHeader({ alg: algorithm, kid: 'k' }).setSubject('ada').setExpirationTime('5m').sign(privateKey);
    const env = { GATEWAY_JWT_ALGORITHMS: algorithm };
    const pem = settings({ ...env, GATEWAY_JWT_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString() });
    expect(await new JwtVerifier(() => {}).verify(good, pem)).toHaveProperty('kind', 'subject');

    const issuer = new KeySetServer();
    await issuer.start();
    try {
      issuer.serve([{ ...(await exportJWK(publicKey)), kid: 'k', use: 'sig' }]);
      const remote = settings({ ...env, GATEWAY_JWT_JWKS_URL: issuer.url });
      expect(await new JwtVerifier(() => {}).verify(good, remote)).toHaveProperty('kind', 'subject');
    } finally {
      await issuer.stop();
    }
  });

  it('never rejects, whatever the settings hold', async () => {
    const rules = secretSettings();
    const broken = {
      ...rules,
      auth: {
        ...rules.auth,
        jwt: { secret: undefined, publicKey: 'no key', jwksUrl: undefined, algorithms: ['RS256'], issuer: undefined, audience: undefined },
      },
    };
    expect(await new JwtVerifier(() => {}).verify(token({}), broken)).toBe('refused');
  });
});

describe('a key set over a real socket', () => {
  const issuer = new KeySetServer();
  const pairs = ['one', 'two', 'three'].map((kid) => ({ kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }));
  const [one, two, three] = pairs as [Pair, Pair, Pair];
  type Pair = (typeof pairs)[number];
  const jwk = ({ kid, publicKey }: Pair) => ({ ...publicKey.export({ format: 'jwk' }), kid });
  const signed = (pair: Pair, claims: object = {}, header: object = { kid: pair.kid }) =>
    rawToken({ alg: 'ES256', ...header }, { sub: 'ada', exp: NOW + 90_000, ...claims }, 'ES256', pair.privateKey);

  let time: Time;
  let verifier: JwtVerifier;
  let rules: GatewaySettings;
  const news: string[] = [];
  const outcome = async (presented: string, under = rules) => {
    const verdict = await verifier.verify(presented, under);
    return typeof verdict === 'string' ? verdict : 'accepted';
  };
  const remoteSettings = (env: Record<string, string> = {}) =>
    settings({ GATEWAY_JWT_JWKS_URL: issuer.url, GATEWAY_JWT_ALGORITHMS: 'ES256,RS256', ...env });

  beforeEach(async () => {
    await issuer.start();
    issuer.hits = 0;
    news.length = 0;
    issuer.serve([jwk(one)]);
    time = new Time();
    verifier = new JwtVerifier((line) => news.push(line), time.parts);
    rules = remoteSettings();
  });
  afterEach(() => issuer.stop());

  it('is fetched once by 500 tokens at a time', async () => {
    const verdicts = await Promise.all(Array.from({ length: 500 }, (_, index) => outcome(signed(one, { jti: index }))));
    expect(new Set(verdicts)).toEqual(new Set(['accepted']));
    expect(issuer.hits).toBe(1);
  });

  it('takes a new key 30 seconds after the last fetch, and a flood of unknown ones fetches no more than that', async () => {
    expect(await outcome(signed(one))).toBe('accepted');
    issuer.serve([jwk(one), jwk(two)]);
    for (let index = 0; index < 1_000; index++) expect(await outcome(signed(three, { jti: index }, { kid: `flood-${index}` }))).toBe('refused');
    expect(await outcome(signed(two))).toBe('refused');
    expect(issuer.hits).toBe(1);
    time.advance(30);
    expect(await outcome(signed(two))).toBe('accepted');
    expect(await outcome(signed(one))).toBe('accepted');
    expect(issuer.hits).toBe(2);
    for (let index = 0; index < 1_000; index++) await outcome(signed(three, { jti: index }, { kid: `flood-${index}` }));
    expect(issuer.hits).toBe(2);
  });

  it('is asked for nothing by tokens that could not be good with any key', async () => {
    for (const claims of [{ exp: NOW - 61 }, { exp: undefined }, { sub: '' }]) expect(await outcome(signed(one, claims))).toBe('refused');
    expect(await outcome(signed(one, {}, { kid: 'one', crit: ['x'] }))).toBe('refused');
    expect(await outcome('a.b.c')).toBe('refused');
    expect(issuer.hits).toBe(0);
  });

  it('is asked for nothing by a symmetric algorithm, listed or not', async () => {
    const both = remoteSettings({ GATEWAY_JWT_ALGORITHMS: 'HS256,ES256', GATEWAY_JWT_SECRET: SECRET });
    expect(await outcome(token({}), both)).toBe('accepted');
    expect(await outcome(`${token({}).slice(0, -4)}AAAA`, both)).toBe('refused');
    expect(await outcome(token({}))).toBe('refused');
    expect(issuer.hits).toBe(0);
  });

  it('drops a withdrawn key within five minutes, for tokens verified before as well', async () => {
    issuer.serve([jwk(one), jwk(two)]);
    expect(await outcome(signed(one))).toBe('accepted');
    expect(await outcome(signed(two))).toBe('accepted');
    const [kept, withdrawn] = [signed(two), signed(one)];
    expect([await outcome(kept), await outcome(withdrawn)]).toEqual(['accepted', 'accepted']);
    issuer.serve([jwk(two)]);
    time.advance(300);
    expect([await outcome(kept), await outcome(withdrawn)]).toEqual(['accepted', 'refused']);
  });

  it('goes on for 24 hours when the issuer is gone, and then says that it cannot tell', async () => {
    const good = signed(one);
    expect(await outcome(good)).toBe('accepted');
    const port = issuer.port;
    await issuer.stop();
    time.advance(3_600);
    expect(await outcome(good)).toBe('accepted');
    expect(await outcome(signed(one, { jti: 'new' }))).toBe('accepted');
    expect(await outcome(signed(two))).toBe('refused');
    time.advance(82_799);
    expect(await outcome(good)).toBe('accepted');
    time.advance(1);
    expect(await outcome(good)).toBe('unavailable');
    await issuer.start(port);
    time.advance(5);
    expect(await outcome(good)).toBe('accepted');
    expect(news).toEqual([expect.stringContaining('cannot be fetched: ECONNREFUSED'), expect.stringContaining('can be fetched again')]);
    expect(news.join()).not.toContain('127.0.0.1');
  });

  it('cannot be told when none was ever fetched; a token that is bad in itself is refused all the same', async () => {
    issuer.answer = (_request, response) => void response.writeHead(500).end();
    expect(await outcome(signed(one))).toBe('unavailable');
    expect(await outcome(signed(one, { exp: 1 }))).toBe('refused');
    expect(await outcome(signed(one))).toBe('unavailable');
    expect(issuer.hits).toBe(1);
  });

  it('that never answers makes 500 wait once for its time-out, and nobody after them', async () => {
    issuer.answer = () => {};
    const begin = performance.now();
    const verdicts = await Promise.all(Array.from({ length: 500 }, (_, index) => outcome(signed(one, { jti: index }))));
    const waited = performance.now() - begin;
    expect(new Set(verdicts)).toEqual(new Set(['unavailable']));
    expect(waited).toBeGreaterThan(450);
    expect(waited).toBeLessThan(1_500);
    const later = performance.now();
    for (let index = 0; index < 20; index++) expect(await outcome(signed(one, { jti: `later-${index}` }))).toBe('unavailable');
    expect(performance.now() - later).toBeLessThan(200);
    expect(issuer.hits).toBe(1);
  });

  it('is kept over a reload that leaves its address alone', async () => {
    expect(await outcome(signed(one))).toBe('accepted');
    await issuer.stop();
    const reloaded = settings({ GATEWAY_JWT_JWKS_URL: 'http://127.0.0.1:1/', GATEWAY_JWT_ALGORITHMS: 'ES256' });
    const same = { ...rules, revision: 2 };
    expect(await outcome(signed(one), same)).toBe('accepted');
    expect(await outcome(signed(one), reloaded)).toBe('unavailable');
    await issuer.start();
  });

  it('verifies a token without kid with any key that fits', async () => {
    issuer.serve([jwk(two), jwk(one), { ...jwk(three), use: 'enc' }]);
    expect(await outcome(signed(one, {}, {}))).toBe('accepted');
    expect(await outcome(signed(three, {}, {}))).toBe('refused');
  });

  it.each([
    ['for encryption', { use: 'enc' }],
    ['for other operations', { key_ops: ['sign'] }],
    ['for another algorithm', { alg: 'ES384' }],
  ])('uses no key that is %s', async (_name, member) => {
    issuer.serve([{ ...jwk(one), ...member }]);
    expect(await outcome(signed(one))).toBe('refused');
  });

  it('stands behind a configured key: both are good', async () => {
    const pem = two.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const both = remoteSettings({ GATEWAY_JWT_PUBLIC_KEY: pem });
    expect(await outcome(signed(two, {}, {}), both)).toBe('accepted');
    expect(issuer.hits).toBe(0);
    expect(await outcome(signed(one), both)).toBe('accepted');
    expect(await outcome(signed(three), both)).toBe('refused');
  });
});
