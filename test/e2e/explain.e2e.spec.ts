import { freePort } from '../doubles/free-port.js';
import { rawTalk } from '../doubles/raw-talk.js';
import { rawToken } from '../doubles/raw-token.js';
import { type RunningGateway, runGateway } from '../doubles/running-gateway.js';
import { chat } from '../doubles/told.js';
import { FaultUpstream } from '../faults/fault-upstream.js';

const SECRET = 'a-secret-of-thirty-two-characters';
const token = (claims: object): string =>
  rawToken({ alg: 'HS256' }, { sub: 'anna', exp: Math.floor(Date.now() / 1000) + 300, ...claims }, 'HS256', SECRET);

interface Explanation {
  readonly candidates: readonly { readonly upstream: string; readonly now: Readonly<Record<string, unknown>> }[];
  readonly limits: { readonly requests: Readonly<Record<string, unknown>> | null };
}

// It waits a second for a Redis when it starts.
jest.setTimeout(30_000);

it('while Redis is away nobody can say what is left, but what calls do meanwhile', async () => {
  const gateway = await runGateway({ GATEWAY_REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  const settings = gateway.live.current;
  try {
    for (const onRedisDown of ['local', 'deny', 'allow'] as const) {
      gateway.live.replace({ ...settings, revision: gateway.live.current.revision + 1, limits: { ...settings.limits, onRedisDown } });
      const answer = await fetch(`${gateway.url}/v1/explain?model=mock`, { headers: { authorization: 'Bearer dev-key' } });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ limits: { requests: { limit: 60, remaining: null, reset: null, meanwhile: onRedisDown } } });
    }
  } finally {
    await gateway.stop();
  }
});

describe('what would become of a call', () => {
  let fault: FaultUpstream;
  let gateway: RunningGateway;

  beforeAll(async () => {
    fault = await FaultUpstream.start();
    gateway = await runGateway({
      GATEWAY_UPSTREAMS: [
        'a=mock://local?reply=from-a&model=inner-a',
        'b=mock://local?reply=from-b',
        'hidden=mock://local',
        'broken=mock://local?status=503',
        `busy=${fault.base(encodeURIComponent('status:429,retry-after=60'))}`,
        `slow=${fault.base('hang')}`,
        'keyless=litellm://groq/llama',
        'probed=mock://local?status=503',
      ].join(';'),
      GATEWAY_FALLBACKS: 'half=hidden,broken;broken=b',
      GATEWAY_ROUTE_POLICIES: JSON.stringify({
        half: { strategy: 'canary', primary: 'a', canary: 'b', percent: 50 },
        safe: { strategy: 'canary', primary: 'probed', canary: 'b', percent: 1 },
      }),
      GATEWAY_API_KEYS: 'dev-key,limited,narrow,free',
      GATEWAY_API_KEY_POLICIES: JSON.stringify({
        limited: { rate_limit_per_minute: 5 },
        narrow: { allowed_models: ['half', 'broken'], rate_limit_per_minute: 7 },
        free: { rate_limit_per_minute: 0 },
        anna: { allowed_models: ['half', 'a'], rate_limit_per_minute: 9 },
      }),
      GATEWAY_JWT_SECRET: SECRET,
      GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1',
      GATEWAY_REQUEST_TIMEOUT_SECONDS: '60',
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await fault.close();
  });

  const ask = (query: string, bearer = 'dev-key', path = '/v1/explain'): Promise<Response> =>
    fetch(`${gateway.url}${path}${query}`, { headers: { authorization: `Bearer ${bearer}` } });
  const explain = async (query: string, bearer?: string): Promise<Explanation> => {
    const answer = await ask(query, bearer);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Explanation;
  };

  it('is told whole, the same with and without /v1, kept by nobody', async () => {
    const answer = await ask('?model=a', 'limited');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      200,
      'application/json; charset=utf-8',
      'no-store',
    ]);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    const told: unknown = await answer.json();
    expect(told).toEqual({
      object: 'explanation',
      model: 'a',
      user: null,
      principal: { kind: 'key', id: expect.stringMatching(/^[0-9a-f]{12}$/) },
      policy: { own: true, allowed_models: null },
      limits: { requests: { limit: 5, remaining: 5, reset: '0s', meanwhile: null } },
      refused: null,
      route: null,
      order: 'fixed',
      attempts_max: 3,
      candidates: [
        {
          upstream: 'a',
          reason: 'upstream_of_that_name',
          share: null,
          fallback_of: null,
          answers_as: 'a',
          key_missing: false,
          now: { available: true, circuit: 'closed', probe_in_seconds: null, resting_seconds: 0, in_flight: 0, max_in_flight: 1024 },
        },
      ],
    });
    expect(await (await ask('?model=a', 'limited', '/explain')).json()).toEqual(told);
    const [line] = (await gateway.requestLines(1)).filter(({ path }) => path === '/v1/explain');
    expect(line).toMatchObject({ status: 200, principal: (told as { principal: { id: string } }).principal.id, attempts: 0, upstream: 'none' });
  });

  it('after three calls of five two are left, however often it is asked', async () => {
    for (let call = 0; call < 3; call++) expect((await chat(gateway.url, { model: 'a' }, { authorization: 'Bearer limited' })).status).toBe(200);
    for (let again = 0; again < 20; again++) {
      const answer = await ask('?model=a', 'limited');
      expect([...answer.headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
      const { limits } = (await answer.json()) as Explanation;
      expect(limits.requests).toMatchObject({ limit: 5, remaining: 2, reset: expect.stringMatching(/^3[56]s$/) });
    }
    expect((await chat(gateway.url, { model: 'a' }, { authorization: 'Bearer limited' })).headers.get('x-ratelimit-remaining-requests')).toBe('1');
    expect((await explain('?model=a', 'free')).limits).toEqual({ requests: null });
  });

  it('no call is made of it: no upstream hears of it, no decision and no call is counted', async () => {
    for (const model of ['half', 'slow', 'busy']) await explain(`?model=${model}&user=x`);
    expect(fault.ledger.entries).toEqual([]);
    expect(await gateway.metric('nexus_route_decisions_total{route="half",target="a"}')).toBe(0);
    expect(await gateway.metric('nexus_route_decisions_total{route="half",target="b"}')).toBe(0);
  });

  it('an end user is told his own side', async () => {
    for (const user of ['anna', 'bert', 'cäsar & söhne', 'dora', 'emil', 'fritz']) {
      const { candidates } = await explain(`?model=half&user=${encodeURIComponent(user)}`);
      const served = await chat(gateway.url, { model: 'half', user });
      expect(served.headers.get('x-nexus-upstream')).toBe(candidates[0]?.upstream);
    }
  });

  it('a circuit that opened is shown, and the call goes elsewhere first', async () => {
    expect((await explain('?model=safe')).candidates.map(({ upstream }) => upstream)).toEqual(['probed', 'b']);
    expect((await chat(gateway.url, { model: 'probed' })).status).toBe(502);
    const { candidates } = await explain('?model=safe');
    expect(candidates.map(({ upstream }) => upstream)).toEqual(['b', 'probed']);
    expect(candidates[1]?.now).toMatchObject({ available: false, circuit: 'open', probe_in_seconds: expect.any(Number) });
    expect(candidates[1]?.now['probe_in_seconds']).toBeGreaterThan(20);
  });

  it('so is one that rests, one that is in use, and one without a key', async () => {
    expect((await chat(gateway.url, { model: 'busy' })).status).toBe(429);
    const [resting] = (await explain('?model=busy')).candidates;
    expect(resting?.now).toMatchObject({ available: false, circuit: 'closed' });
    expect(resting?.now['resting_seconds']).toBeGreaterThan(0);
    expect((await explain('?model=keyless')).candidates[0]).toMatchObject({ upstream: 'keyless', key_missing: true });

    const leaving = new AbortController();
    const hanging = fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer free', 'content-type': 'application/json' },
      body: '{"model":"slow","messages":[]}',
      signal: leaving.signal,
    }).catch(() => undefined);
    const inFlight = async (): Promise<unknown> => (await explain('?model=slow')).candidates[0]?.now['in_flight'];
    for (const until = performance.now() + 5_000; (await inFlight()) !== 1 && performance.now() < until;);
    expect(await inFlight()).toBe(1);
    leaving.abort();
    await hanging;
    for (const until = performance.now() + 5_000; (await inFlight()) !== 0 && performance.now() < until;);
    expect(await inFlight()).toBe(0);
  });

  it('what a key may not use is not there, nor how many of it; inner names and addresses neither', async () => {
    const answer = await ask('?model=half', 'narrow');
    const text = await answer.text();
    const told = JSON.parse(text) as Explanation;
    expect(told.candidates.map(({ upstream }) => upstream).toSorted()).toEqual(['a', 'b', 'broken']);
    expect(text).not.toMatch(/hidden|inner-a|left_out|address|:\/\/|127\.0/);
  });

  it('what a call would be refused for is refused in its very words', async () => {
    const refusal = async (response: Response): Promise<unknown> => [
      response.status,
      response.headers.get('www-authenticate'),
      await response.text(),
    ];
    const call = (model: string, bearer: string): Promise<Response> =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model }),
      });
    for (const [model, bearer] of [
      ['hidden', 'narrow'],
      ['nobody', 'narrow'],
      ['nobody', 'dev-key'],
      ['<b>\u0007', 'dev-key'],
      ['x'.repeat(5_000), 'dev-key'],
      ['a', 'stranger'],
      ['a', token({ exp: 1 })],
    ] as const)
      expect(await refusal(await ask(`?model=${encodeURIComponent(model)}`, bearer))).toEqual(await refusal(await call(model, bearer)));
    const told = async (model: string): Promise<string> => (await (await ask(`?model=${model}`, 'narrow')).text()).replaceAll(model, 'NAME');
    expect(await told('hidden')).toBe(await told('nobody'));
  });

  it.each([
    ['', 'missing_required_parameter', 'model'],
    ['?models=a', 'missing_required_parameter', 'model'],
    ['?model=', 'invalid_value', 'model'],
    ['?model=a&model=b', 'invalid_value', 'model'],
    ['?model=a&user=', 'invalid_value', 'user'],
    [`?model=a&user=${'u'.repeat(1_025)}`, 'invalid_value', 'user'],
    ['?model=a&user=b&user=c', 'invalid_value', 'user'],
  ])('%s is no question: 400', async (query, code, param) => {
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', code, param } });
  });

  it('HEAD answers as GET would; no other method is taken', async () => {
    const headers = 'Host: gateway\r\nAuthorization: Bearer dev-key\r\n\r\n';
    const { answers } = await rawTalk(gateway.url, `HEAD /v1/explain?model=a HTTP/1.1\r\n${headers}`, { isHead: true });
    expect(answers).toMatchObject([{ status: 200, body: '' }]);
    for (const path of ['/v1/explain', '/explain']) {
      const { last } = await rawTalk(gateway.url, `POST ${path} HTTP/1.1\r\n${headers}`);
      expect(last).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    }
  });

  it('a token is its subject, as its claims narrow it', async () => {
    expect(await explain('?model=half', token({ allowed_models: ['half', 'b'], rate_limit_per_minute: 3 }))).toMatchObject({
      principal: { kind: 'subject' },
      policy: { own: true, allowed_models: ['half'] },
      limits: { requests: { limit: 3, remaining: 3 } },
    });
    expect(await explain('?model=a', token({ sub: 'nobody-in-particular' }))).toMatchObject({
      policy: { own: false, allowed_models: null },
      limits: { requests: { limit: 60 } },
    });
    expect((await ask('?model=a', token({ allowed_models: ['half'] }))).status).toBe(404);
  });

  it('follows new settings', async () => {
    const before = gateway.live.current;
    const policies = new Map([...before.auth.policies, ['free', { allowedModels: ['b'], rateLimitPerMinute: 0 }] as const]);
    gateway.live.replace({ ...before, revision: before.revision + 1, auth: { ...before.auth, policies } });
    try {
      expect(await explain('?model=b', 'free')).toMatchObject({ policy: { own: true, allowed_models: ['b'] } });
      expect((await ask('?model=a', 'free')).status).toBe(404);
    } finally {
      gateway.live.replace({ ...before, revision: before.revision + 2 });
    }
  });
});
