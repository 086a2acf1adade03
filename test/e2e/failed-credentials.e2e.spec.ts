import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';

describe('credentials that fail again and again', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await runGateway({ GATEWAY_AUTH_FAILURES_PER_MINUTE: '3', GATEWAY_TRUSTED_PROXIES: '127.0.0.1/32' });
  });

  afterAll(() => gateway.stop());

  const ask = (address: string | undefined, key = 'wrong', path = '/v1/models'): Promise<Response> =>
    fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}`, ...(address === undefined ? {} : { 'x-forwarded-for': address }) } });
  const statuses = async (address: string | undefined, calls: number): Promise<number[]> => {
    const all: number[] = [];
    for (let call = 0; call < calls; call += 1) all.push((await ask(address)).status);
    return all;
  };

  it('are throttled for the address they come from, and for no other', async () => {
    expect(await statuses('203.0.113.5', 5)).toEqual([401, 401, 401, 429, 429]);
    expect(await statuses('203.0.113.6', 1)).toEqual([401]);
    const refused = await ask('203.0.113.5');
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
    expect(await refused.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null } });
  });

  it('never stand in the way of a good one, of health or of metrics', async () => {
    expect(await statuses('203.0.113.7', 4)).toEqual([401, 401, 401, 429]);
    expect((await ask('203.0.113.7', 'dev-key')).status).toBe(200);
    for (const path of ['/health/live', '/health/ready', '/metrics']) expect((await ask('203.0.113.7', 'wrong', path)).status).toBe(200);
  });

  it('are counted for the hop that a trusted proxy saw, whatever the client made up before it', async () => {
    const made: number[] = [];
    for (let call = 0; call < 5; call += 1) made.push((await ask(`198.51.100.${call}, 203.0.113.8`)).status);
    expect(made).toEqual([401, 401, 401, 429, 429]);
  });

  it('are not throttled on this machine itself', async () => {
    expect(new Set(await statuses(undefined, 12))).toEqual(new Set([401]));
  });
});
