import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { chat, type Told } from '../doubles/told.js';

const UPSTREAMS = ['a', 'b', 'c', 'spare'].map((name) => `${name}=mock://local?model=inner-${name}&reply=${name}`);
const BROKEN = ['down', 'out', 'off'].map((name) => `${name}=mock://local?model=inner-${name}&status=503`);
const target = (name: string, weight: number): object => ({ name, weight });
const environment = (percent: number): Record<string, string> => ({
  GATEWAY_UPSTREAMS: [...UPSTREAMS, ...BROKEN].join(';'),
  GATEWAY_DEFAULT_UPSTREAM: 'c',
  GATEWAY_FALLBACKS: 'down=out;out=off;off=spare;shop=spare',
  GATEWAY_MAX_ATTEMPTS: '10',
  GATEWAY_RETRY_BUDGET_PERCENT: '100',
  GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000',
  GATEWAY_ROUTE_POLICIES: JSON.stringify({
    shares: { strategy: 'weighted', targets: [target('a', 70), target('b', 30)] },
    trial: { strategy: 'canary', primary: 'a', canary: 'b', percent },
    resort: { strategy: 'weighted', targets: [target('down', 1), target('a', 0)] },
    shop: { strategy: 'weighted', targets: [target('out', 1), target('down', 1)] },
    both: { strategy: 'weighted', targets: [target('down', 1), target('b', 0)] },
  }),
  GATEWAY_API_KEYS: 'dev-key,down-key,pair-key,chain-key,route-key,shop-key',
  GATEWAY_API_KEY_POLICIES: JSON.stringify({
    'dev-key': { rate_limit_per_minute: 0 },
    'down-key': { allowed_models: ['down'] },
    'pair-key': { allowed_models: ['down', 'spare'] },
    'chain-key': { allowed_models: ['down', 'out', 'off', 'spare'] },
    'route-key': { allowed_models: ['both'] },
    'shop-key': { allowed_models: ['shop'] },
  }),
});

describe('where to', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await runGateway(environment(20));
  });

  afterAll(() => gateway.stop());

  const ask = (model: string, body: object = {}, key = 'dev-key', headers = {}): Promise<Told> =>
    chat(gateway.url, { model, ...body }, { authorization: `Bearer ${key}`, ...headers });
  const served = async (model: string, body: object = {}, headers = {}): Promise<string | null> => {
    const told = await ask(model, body, 'dev-key', headers);
    expect(told.status).toBe(200);
    expect(told.headers.get('x-nexus-upstream')).toBe(told.words);
    return told.words;
  };
  const users = Array.from({ length: 300 }, (_, index) => `user-${index}`);

  it('a name leads to its route before its upstream, and any other to the default, by its own name', async () => {
    expect(['a', 'b']).toContain(await served('shares'));
    expect(await served('a')).toBe('a');
    expect(await served('whatever/7b')).toBe('c');
  });

  it('the model is called as the client called it, streamed or not', async () => {
    for (const model of ['shares', 'a', 'whatever/7b']) {
      expect(JSON.parse((await ask(model)).text)).toMatchObject({ model });
      const { text } = await ask(model, { stream: true });
      expect(new Set(text.match(/"model":"[^"]*"/g))).toEqual(new Set([`"model":"${model}"`]));
    }
  });

  it('weights are kept over many calls', async () => {
    const all = await Promise.all(Array.from({ length: 600 }, () => served('shares')));
    // Five standard deviations of 600 draws are 56.
    expect(Math.abs(all.filter((name) => name === 'a').length - 420)).toBeLessThan(57);
    const [a, b] = await Promise.all(['a', 'b'].map((name) => gateway.metric(`nexus_route_decisions_total{route="shares",target="${name}"}`)));
    expect((a ?? 0) + (b ?? 0)).toBeGreaterThanOrEqual(600);
  });

  it('an end user stays on one side, however he is named', async () => {
    for (const user of users.slice(0, 40)) {
      const sides = await Promise.all(
        [{ user }, { user, stream: true }, { safety_identifier: user }, { metadata: { user_id: user } }].map((body) => served('trial', body)),
      );
      expect(new Set(sides).size).toBe(1);
    }
  });

  it('a greater share moves only new users, in every replica alike', async () => {
    const sides = async (url: string): Promise<readonly string[]> =>
      Promise.all(users.map(async (user) => (await chat(url, { model: 'trial', user })).words));
    const few = await sides(gateway.url);
    const replica = await runGateway(environment(20));
    const later = await runGateway(environment(50));
    try {
      expect(await sides(replica.url)).toEqual(few);
      const more = await sides(later.url);
      expect(few.filter((name) => name === 'b').length / users.length).toBeGreaterThan(0.08);
      expect(few.filter((name) => name === 'b').length / users.length).toBeLessThan(0.32);
      expect(Math.abs(more.filter((name) => name === 'b').length / users.length - 0.5)).toBeLessThan(0.15);
      expect(few.filter((name, index) => name === 'b' && more[index] !== 'b')).toEqual([]);
    } finally {
      await replica.stop();
      await later.stop();
    }
  });

  it('a call that names no user is drawn by itself', async () => {
    const all = await Promise.all(Array.from({ length: 300 }, () => served('trial')));
    expect(all.filter((name) => name === 'b').length).toBeGreaterThan(24);
    expect(all.filter((name) => name === 'b').length).toBeLessThan(96);
  });

  it('a weight of nothing is never the first choice, but the last resort', async () => {
    const told = await ask('resort');
    expect(told).toMatchObject({ status: 200, words: 'a' });
    expect(Number(told.headers.get('x-nexus-attempts'))).toBeGreaterThan(1);
    expect(await gateway.metric('nexus_route_decisions_total{route="resort",target="a"}')).toBe(0);
  });

  it('fallbacks are followed to their end, and the model is then called after the one that answered', async () => {
    const told = await ask('down');
    expect(told).toMatchObject({ status: 200, words: 'spare' });
    expect(told.headers.get('x-nexus-upstream')).toBe('spare');
    expect(JSON.parse(told.text)).toMatchObject({ model: 'spare' });
    expect(told.text).not.toContain('inner-');
    const { text } = await ask('down', { stream: true });
    expect(new Set(text.match(/"model":"[^"]*"/g))).toEqual(new Set(['"model":"spare"']));
    expect(await gateway.metric('nexus_fallbacks_total{from="off",to="spare",reason="server_error"}')).toBe(2);
    expect(gateway.lines.findLast(({ model }) => model === 'down')).toMatchObject({ upstream: 'spare', fallback: true, status: 200 });
  });

  it('another target of the route that was asked for may answer whoever may ask for it, under its name', async () => {
    const told = await ask('both', {}, 'route-key');
    expect(told).toMatchObject({ status: 200, words: 'b' });
    expect(JSON.parse(told.text)).toMatchObject({ model: 'both' });
  });

  it('a fallback is taken only to what the key may use', async () => {
    const alone = await ask('down', {}, 'down-key');
    expect(alone).toMatchObject({ status: 502, error: { code: 'upstream_invalid_response' } });
    expect(alone.headers.get('x-nexus-upstream')).toBe('down');
    // What only a forbidden fallback leads to is left out with it.
    expect(await ask('down', {}, 'pair-key')).toMatchObject({ status: 502 });
    expect(await ask('down', {}, 'chain-key')).toMatchObject({ status: 200, words: 'spare' });
    expect(await ask('shop', {}, 'shop-key')).toMatchObject({ status: 502 });
    expect(await ask('shop')).toMatchObject({ status: 200, words: 'spare' });
    expect(await ask('spare', {}, 'down-key')).toMatchObject({ status: 404, error: { code: 'model_not_found' } });
    expect(await ask('whatever', {}, 'down-key')).toMatchObject({ status: 404, error: { code: 'model_not_found' } });
  });

  it('nothing that a client sends leads elsewhere', async () => {
    const tricks = { 'x-nexus-upstream': 'b', 'x-upstream': 'b', 'x-forwarded-host': 'evil.example', 'openai-base-url': 'http://evil.example' };
    expect(
      await served('a', { base_url: 'http://evil.example', api_base: 'http://evil.example', upstream: 'b', metadata: { model: 'b' } }, tricks),
    ).toBe('a');
    const asked = await fetch(`${gateway.url}/v1/chat/completions?model=b&upstream=b`, {
      method: 'POST',
      headers: { authorization: 'Bearer dev-key', 'content-type': 'application/json' },
      body: '{"model":"a","messages":[{"role":"user","content":"Hello"}]}',
    });
    expect(asked.headers.get('x-nexus-upstream')).toBe('a');
  });
});
