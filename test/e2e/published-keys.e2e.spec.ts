import { generateKeyPairSync } from 'node:crypto';
import { KeySetServer } from '../doubles/key-set-server.js';
import { rawToken } from '../doubles/raw-token.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

describe('tokens whose keys are published elsewhere', () => {
  const issuer = new KeySetServer();
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let gateway: RunningGateway;

  beforeAll(async () => {
    await issuer.start();
    gateway = await runGateway({ GATEWAY_JWT_JWKS_URL: issuer.url, GATEWAY_JWT_ALGORITHMS: 'ES256' });
  });

  afterAll(async () => {
    await gateway.stop();
    await issuer.stop();
  });

  const token = (kid: string, key = privateKey, sub = 'anna'): string =>
    rawToken({ alg: 'ES256', kid }, { sub, exp: Math.floor(Date.now() / 1000) + 300 }, 'ES256', key);
  const ask = (bearer: string): Promise<Response> => fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${bearer}` } });

  it('cannot be judged while no key was ever had; keys of our own are', async () => {
    const refused = await ask(token('k1'));
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { type: 'server_error', code: 'auth_unavailable' } });
    expect((await ask('dev-key')).status).toBe(200);
  });

  it('are good with a published key alone, and the key is fetched once for all of them', async () => {
    await gateway.stop();
    gateway = await runGateway({ GATEWAY_JWT_JWKS_URL: issuer.url, GATEWAY_JWT_ALGORITHMS: 'ES256' });
    issuer.serve([{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' }]);
    const before = issuer.hits;
    const statuses = await Promise.all(Array.from({ length: 30 }, async (_, index) => (await ask(token('k1', privateKey, `user-${index}`))).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect((await ask(token('k1', other))).status).toBe(401);
    for (let count = 0; count < 10; count += 1) expect((await ask(token(`unknown-${count}`, other))).status).toBe(401);
    expect(issuer.hits - before).toBe(1);
  });

  it('stay good while their issuer is away', async () => {
    await issuer.stop();
    expect((await ask(token('k1', privateKey, 'somebody new'))).status).toBe(200);
  });
});
