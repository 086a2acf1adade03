import { runCli } from './run-cli.js';

const ENV = {
  GATEWAY_API_KEYS: 'own,other',
  GATEWAY_JWT_SECRET: 's'.repeat(32),
  GATEWAY_UPSTREAMS: 'a=http://h:1?model=inner;b=mock://local;c=mock://local;d=mock://local',
  GATEWAY_FALLBACKS: 'chat=c;a=d;c=d',
  GATEWAY_ROUTE_POLICIES:
    '{"chat":{"strategy":"canary","primary":"a","canary":"b","percent":5},"shares":{"strategy":"weighted","targets":[{"name":"a","weight":1},{"name":"b","weight":3},{"name":"c","weight":0}]}}',
  GATEWAY_API_KEY_POLICIES: '{"own":{"allowed_models":["chat","c"],"rate_limit_per_minute":7},"sub-1":{"rate_limit_per_minute":0}}',
};

async function explain(args: string[], env: Record<string, string> = {}): Promise<{ code: number | undefined; out: string[]; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(['explain', ...args], {
    env: { ...ENV, ...env },
    cwd: '/nonexistent',
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { code, out: out.trimEnd().split('\n'), err };
}

it('tells principal, policy, limit, route, order and what is left out', async () => {
  expect(await explain(['--key', 'own', '--model', 'chat'])).toMatchObject({
    code: 0,
    out: [
      'principal  a key, with a policy of its own',
      expect.stringMatching(/^in the log [0-9a-f]{12}$/),
      'limit      7 calls a minute',
      'models     chat, c',
      'route      canary',
      '1.         a (95 %): http://h:1/v1 as inner',
      '2.         b (5 %): mock://local as chat',
      '3.         c (fallback of chat): mock://local as chat',
      'left out   d: a fallback that this caller may not use',
      'attempts   at most 3',
    ],
  });
});

it('shares are told by weight, a weight of 0 as a last resort, then chained fallbacks', async () => {
  const { out } = await explain(['--key', 'other', '--model', 'shares']);
  expect(out.slice(5, 9).map((line) => line.slice(11).split(':')[0])).toEqual(['b (75 %)', 'a (25 %)', 'c (last resort)', 'd (fallback of a)']);
});

it('a token is explained by its subject', async () => {
  expect((await explain(['--subject', 'sub-1', '--model', 'b'])).out).toEqual(
    expect.arrayContaining([
      'principal  a token, with a policy of its own',
      'limit      none',
      '1.         b (upstream of that name): mock://local as b',
    ]),
  );
});

it('a model that nothing else matches goes to the default upstream', async () => {
  expect((await explain(['--key', 'other', '--model', 'x'], { GATEWAY_DEFAULT_UPSTREAM: 'b' })).out).toContain(
    '1.         b (default upstream): mock://local as x',
  );
});

it.each([
  [['--key', 'stranger', '--model', 'chat'], '401 invalid_api_key'],
  [['--key', 'own', '--model', 'a'], '404 model_not_found: this caller may not use it'],
  [['--key', 'other', '--model', 'shraes'], '404 model_not_found: the name leads nowhere; did you mean "shares"?'],
  [['--key', 'other', '--model', 'nothing'], '404 model_not_found: the name leads nowhere'],
])('%j is refused: %s, and ends with 1', async (args, refusal) => {
  const { code, out } = await explain(args);
  expect([code, out.at(-1)]).toEqual([1, `refused    ${refusal}`]);
  expect(out.join()).not.toContain('stranger');
});

it('an end user is told his side of a route', async () => {
  const first = async (user: string): Promise<string | undefined> =>
    (await explain(['--key', 'other', '--model', 'shares', '--user', user])).out.find((line) => line.startsWith('1. '));
  const firsts = await Promise.all(Array.from({ length: 20 }, (_, user) => first(`user-${user}`)));
  expect(new Set(firsts)).toEqual(new Set(['1.         a (25 %): http://h:1/v1 as inner', '1.         b (75 %): mock://local as shares']));
  expect((await explain(['--key', 'other', '--model', 'shares', '--user', 'eve'])).out).toContain('order      as drawn for the end user eve');
});

it('--json is the shape of GET /v1/explain, with what is for operators alone', async () => {
  const { code, out } = await explain(['--key', 'own', '--model', 'chat', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out.join('\n'))).toMatchObject({
    object: 'explanation',
    principal: { kind: 'key', id: expect.stringMatching(/^[0-9a-f]{12}$/) },
    policy: { own: true, allowed_models: ['chat', 'c'] },
    limits: { requests: { limit: 7, remaining: null, reset: null, meanwhile: null } },
    refused: null,
    route: { strategy: 'canary', shares: { a: 0.95, b: 0.05 } },
    order: 'by_share',
    attempts_max: 3,
    candidates: [
      { upstream: 'a', share: 0.95, model_sent: 'inner', address: 'http://h:1/v1', now: null },
      { upstream: 'b', share: 0.05 },
      { upstream: 'c', reason: 'fallback', fallback_of: 'chat', answers_as: 'c' },
    ],
    left_out: ['d'],
  });
  const refused = await explain(['--key', 'stranger', '--model', 'chat', '--json']);
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.out.join(''))).toMatchObject({ principal: null, refused: { status: 401 }, candidates: [], left_out: [] });
});

it('faulty settings end with 78, misuse with 64', async () => {
  expect((await explain(['--key', 'own', '--model', 'chat'], { GATEWAY_PORT: 'x' })).code).toBe(78);
  expect((await explain(['--model', 'chat'])).code).toBe(64);
  expect((await explain(['--key', 'a', '--subject', 'b', '--model', 'chat'])).code).toBe(64);
});
