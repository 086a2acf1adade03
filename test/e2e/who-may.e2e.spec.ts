import { generateKeyPairSync } from 'node:crypto';
import { rawTalk } from '../doubles/raw-talk.js';
import { rawToken } from '../doubles/raw-token.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { chat } from '../doubles/told.js';

const SECRET = 'a-secret-of-thirty-two-characters';
const now = (): number => Math.floor(Date.now() / 1000);
const token = (claims: object, header: object = {}, secret = SECRET): string =>
  rawToken(
    { alg: 'HS256', typ: 'JWT', ...header },
    { sub: 'anna', exp: now() + 300, iss: 'https://issuer', aud: 'nexus', ...claims },
    'HS256',
    secret,
  );
const CANARY_KEY = 'sk-key-that-nobody-has-0123456789';

describe('who may', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await runGateway({
      GATEWAY_UPSTREAMS: 'mock=mock://local;other=mock://local;third=mock://local',
      GATEWAY_API_KEYS: 'open-key,narrow-key,sk-with.two.dots',
      GATEWAY_API_KEY_POLICIES: JSON.stringify({
        'narrow-key': { allowed_models: ['other'] },
        anna: { allowed_models: ['mock', 'other'] },
      }),
      GATEWAY_JWT_SECRET: SECRET,
      GATEWAY_JWT_ISSUER: 'https://issuer',
      GATEWAY_JWT_AUDIENCE: 'nexus',
    });
  });

  afterAll(() => gateway.stop());

  const models = (headers: Readonly<Record<string, string>>): Promise<Response> => fetch(`${gateway.url}/v1/models`, { headers });
  const namesFor = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
    ((await (await models(headers)).json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  const raw = async (...lines: string[]): Promise<number | undefined> =>
    (await rawTalk(gateway.url, `GET /v1/models HTTP/1.1\r\nHost: gateway\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`)).last?.status;

  it.each([
    [['Authorization: Bearer open-key']],
    [['authorization: bearer open-key']],
    [['X-API-Key: open-key']],
    [['api-key: open-key']],
    [['Authorization: Basic b3Blbi1rZXk6', 'X-API-Key: open-key']],
    [['Authorization: Bearer open-key', 'X-API-Key: open-key', 'api-key: open-key']],
    [['Authorization: Bearer sk-with.two.dots']],
  ])('%j opens the door', async (lines) => {
    expect(await raw(...lines)).toBe(200);
  });

  it.each([
    [[]],
    [['Authorization: Basic b3Blbi1rZXk6']],
    [['Authorization: Bearer']],
    [['Authorization: open-key']],
    [['Authorization: Bearer open-key,']],
    [['Authorization: Bearer "open-key"']],
    [['Authorization: Bearer Open-Key']],
    [['Authorization: Bearer open-key%00']],
    [['Authorization: Bearer open-ke']],
    [['Authorization: Bearer open-keys']],
    [['Cookie: api-key=open-key']],
    [['Authorization: Bearer open-key', 'X-API-Key: narrow-key']],
    [['Authorization: Bearer open-key', 'X-API-Key: wrong']],
    [['Authorization: Bearer open-key', 'Authorization: Bearer narrow-key']],
    [['X-API-Key: open-key', 'X-API-Key: wrong']],
    [['X-API-Key: open-key, wrong']],
    [['X-API-Key: __proto__']],
  ])('%j does not', async (lines) => {
    expect(await raw(...lines)).toBe(401);
  });

  it('a key in the URL or in the body is none', async () => {
    expect((await fetch(`${gateway.url}/v1/models?api_key=open-key&api-key=open-key&key=open-key`)).status).toBe(401);
    const told = await chat(gateway.url, { model: 'mock', api_key: 'open-key' }, { authorization: '' });
    expect(told).toMatchObject({ status: 401, error: { code: 'invalid_api_key' } });
  });

  it('every reason is told in one and the same way, by which nothing can be learnt', async () => {
    const wrong = [
      {},
      { authorization: `Bearer ${CANARY_KEY}` },
      { authorization: `Bearer ${token({ exp: now() - 120 })}` },
      { authorization: `Bearer ${token({}, {}, 'another-secret-of-thirty-two-chars')}` },
      { authorization: 'Bearer open-key', 'x-api-key': CANARY_KEY },
      { authorization: 'Basic abc' },
    ];
    const answers = await Promise.all(wrong.map((headers) => models(headers)));
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ error: { code: 'invalid_api_key', type: 'invalid_request_error', param: null } });
    for (const { status, headers } of answers) expect({ status, asks: headers.get('www-authenticate') }).toEqual({ status: 401, asks: 'Bearer' });
    expect(JSON.stringify([bodies, gateway.lines])).not.toContain(CANARY_KEY);
  });

  it.each<[string, object]>([
    ['is as it should be', {}],
    ['expired within the leeway', { exp: now() - 40 }],
    ['holds for several', { aud: ['others', 'nexus'] }],
  ])('a token that %s opens the door', async (_what, claims) => {
    expect((await models({ authorization: `Bearer ${token(claims)}` })).status).toBe(200);
  });

  it.each<[string, string]>([
    ['is expired', token({ exp: now() - 70 })],
    ['never expires', token({ exp: undefined })],
    ['expires in words', token({ exp: 'tomorrow' })],
    ['is not valid yet', token({ nbf: now() + 120 })],
    ['names nobody', token({ sub: undefined })],
    ['names nobody in particular', token({ sub: '' })],
    ['is another’s', token({ iss: 'https://issuer/' })],
    ['is for others', token({ aud: 'nexus-2' })],
    ['is signed by nobody', rawToken({ alg: 'none' }, { sub: 'anna', exp: now() + 300 }, 'HS256', SECRET).replace(/[^.]*$/, '')],
    [
      'is signed otherwise than allowed',
      rawToken({ alg: 'HS512' }, { sub: 'anna', exp: now() + 300, iss: 'https://issuer', aud: 'nexus' }, 'HS512', SECRET),
    ],
    ['is bound to what nobody understands', token({}, { crit: ['x'], x: 1 })],
    ['has a tail', `${token({})}=`],
    ['has four parts', `${token({})}.x`],
    ['has lost its signature', token({}).replace(/[^.]*$/, '')],
  ])('a token that %s does not', async (_what, bearer) => {
    expect((await models({ authorization: `Bearer ${bearer}` })).status).toBe(401);
  });

  it('a policy tells what a key or a subject may use; claims narrow it and never widen it', async () => {
    expect(await namesFor({ authorization: 'Bearer open-key' })).toEqual(['mock', 'other', 'third']);
    expect(await namesFor({ authorization: 'Bearer narrow-key' })).toEqual(['other']);
    expect(await namesFor({ authorization: `Bearer ${token({})}` })).toEqual(['mock', 'other']);
    expect(await namesFor({ authorization: `Bearer ${token({ allowed_models: ['other', 'third'] })}` })).toEqual(['other']);
    expect(await namesFor({ authorization: `Bearer ${token({ sub: 'bert', allowed_models: ['third'] })}` })).toEqual(['third']);
  });

  it('a forbidden model looks like an unknown one to the byte', async () => {
    const asking = async (model: string): Promise<unknown> => {
      const { status, text, headers } = await chat(gateway.url, { model }, { authorization: 'Bearer narrow-key' });
      return { status, text: text.replaceAll(model, 'NAME'), names: [...headers.keys()].toSorted() };
    };
    expect(await asking('third')).toEqual(await asking('nobody'));
    expect(await asking('third')).toMatchObject({ status: 404, text: expect.stringContaining('model_not_found') });
    const one = async (name: string): Promise<string> =>
      (await (await fetch(`${gateway.url}/v1/models/${name}`, { headers: { 'api-key': 'narrow-key' } })).text()).replaceAll(name, 'NAME');
    expect(await one('third')).toBe(await one('nobody'));
  });

  it.each(['../../x', 'http://evil.example', 'm'.repeat(10_000), 'mock\n', 'mосk', 'constructor', 'toString', '__proto__', 'MOCK', ' mock'])(
    'the model %j is unknown like any other',
    async (model) => {
      const { status, error } = await chat(gateway.url, { model }, { authorization: 'Bearer open-key' });
      expect({ status, code: error?.code, param: error?.param }).toEqual({ status: 404, code: 'model_not_found', param: 'model' });
    },
  );

  it('health, metrics and the documentation are open, and nothing else is', async () => {
    for (const path of ['/health', '/health/live', '/health/ready', '/livez', '/readyz', '/healthz', '/metrics', '/docs', '/docs-json'])
      expect({ path, status: (await fetch(gateway.url + path)).status }).toEqual({ path, status: 200 });
    const closed = [
      '/',
      '/admin',
      '/.env',
      '/.git/config',
      '/debug/pprof',
      '/json',
      '/config',
      '/v1',
      '/v1/',
      '/favicon.ico',
      '/openapi.json',
      '/api',
      '/swagger',
    ];
    for (const path of closed) expect([401, 404]).toContain((await fetch(gateway.url + path, { redirect: 'manual' })).status);
  });
});

describe('a token that a public key verifies', () => {
  it('is not one that the public key signed as a secret', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const gateway = await runGateway({ GATEWAY_JWT_PUBLIC_KEY: pem.replaceAll('\n', '\\n'), GATEWAY_JWT_ALGORITHMS: 'RS256' });
    const claims = { sub: 'anna', exp: now() + 300 };
    const statusOf = async (bearer: string): Promise<number> =>
      (await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${bearer}` } })).status;
    try {
      expect(await statusOf(rawToken({ alg: 'RS256' }, claims, 'RS256', privateKey))).toBe(200);
      for (const secret of [pem, pem.trim(), pem.replaceAll('\n', '\r\n')])
        expect(await statusOf(rawToken({ alg: 'HS256' }, claims, 'HS256', secret))).toBe(401);
    } finally {
      await gateway.stop();
    }
  });
});
