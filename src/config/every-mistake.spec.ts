import { loadSettings } from './load-settings.js';
import { SettingsMistakes, toldWarning } from './settings-mistakes.js';

/** Every problem of a file that nobody wrote to disk, warnings first. */
function told(yaml: string, env: Record<string, string> = {}): string[] {
  try {
    const { warnings } = loadSettings({ env, cwd: '/nonexistent', file: { name: 'g.yaml', bytes: Buffer.from(yaml) } });
    return warnings.map((line) => `warning: ${line}`);
  } catch (error) {
    if (!(error instanceof SettingsMistakes)) throw error;
    return [...error.warned.map((warning) => `warning: ${toldWarning(warning)}`), ...error.message.split('\n')].map((line) =>
      line.replace(/^config error: /, ''),
    );
  }
}
/** Of each problem its path and its position. */
const placesOf = (yaml: string, env?: Record<string, string>): string[] =>
  told(yaml, env).map((line) => {
    const [, path, position] = /^(?:warning: )?(\S+) .*?(?:\(g\.yaml:(\d+:\d+)\).*)?$/.exec(line) ?? [];
    return `${path} ${position}`;
  });

const UPSTREAMS = 'upstreams: { alpha: "mock://local", beta: "mock://local" }\n';

describe('one mistake does not hide another', () => {
  it.each<[string, string, string[]]>([
    [
      'a wrong strategy, the rest of its route',
      'route_policies:\n  r:\n    strategy: weigthed\n    targets:\n      - { name: alpah, weight: -1 }\n',
      ['route_policies.r.strategy 4:5', 'route_policies.r.targets[0].weight 6:24', 'route_policies.r.targets[0].name 6:11'],
    ],
    [
      'no strategy, the rest of a canary',
      'route_policies:\n  r:\n    primary: alpha\n    canary: bata\n    percent: 105\n',
      ['route_policies.r.strategy 3:3', 'route_policies.r.percent 6:5', 'route_policies.r.canary 5:5'],
    ],
    [
      'an unknown field, an unknown target, the same one twice, and weights of 0',
      'route_policies:\n  r:\n    strategy: weighted\n    tragets: []\n    targets: [{ name: alpah, weight: 0 }, { name: alpah, weight: 0 }]\n',
      [
        'route_policies.r.tragets 5:5',
        'route_policies.r.targets[0].name 6:17',
        'route_policies.r.targets[1].name 6:45',
        'route_policies.r.targets[1] 6:43',
        'route_policies.r.targets 6:5',
      ],
    ],
    [
      'a misspelt field, the unknown upstream beside it, and not the field that is missing for it',
      'route_policies:\n  r:\n    strategy: weighted\n    targets:\n      - { name: aa, wieght: 1 }\n',
      ['route_policies.r.targets[0].wieght 6:21', 'route_policies.r.targets[0].name 6:11'],
    ],
    [
      'a percentage, the unknown canary',
      'route_policies:\n  r: { strategy: canary, primary: alpha, canary: bata, percent: 105 }\n',
      ['route_policies.r.percent 3:56', 'route_policies.r.canary 3:42'],
    ],
    [
      'a name that is none, what it names',
      'route_policies:\n  "a b": { strategy: canary, primary: alpha, canary: bata, percent: 5 }\n',
      ['route_policies.a 3:3', 'route_policies.a 3:46'],
    ],
    [
      'a fallback that is no text, the unknown one beside it',
      'fallbacks: { alpha: [1, bata], "a b": [gamma] }\n',
      ['fallbacks.alpha[0] 2:22', 'fallbacks.alpha[1] 2:25', 'fallbacks.a 2:32', 'fallbacks.a 2:40'],
    ],
    [
      'an item that is no text, the others',
      'trusted_proxies: [true, 10.0.0.0/8, loopback]\napi_keys: [1, a, a, ~]\napi_key_policies: { a: { allowed_models: [{}, alpah] } }\n',
      [
        'trusted_proxies[0] 2:19',
        'trusted_proxies[2] 2:37',
        'api_keys[0] 3:12',
        'api_keys[2] 3:18',
        'api_keys[3] 3:21',
        'api_key_policies.#1.allowed_models[0] 4:43',
        'api_key_policies.#1.allowed_models[1] 4:47',
      ],
    ],
    [
      'a policy, another',
      'api_keys: [k]\napi_key_policies:\n  "": { allowed_model: [x] }\n  k: { rate_limit_per_minute: -1, allowed_models: 5 }\n  l: 1\n',
      [
        'api_key_policies.#1 4:3',
        'api_key_policies.#1.allowed_model 4:9',
        'api_key_policies.#2.allowed_models 5:35',
        'api_key_policies.#2.rate_limit_per_minute 5:8',
        'api_key_policies.#3 6:3',
      ],
    ],
    [
      'a placeholder, its neighbours, and is told once',
      'default_upstream: ${WHERE}\nfallbacks: { alpha: ["${NEXT}", bata] }\n',
      ['default_upstream 2:1', 'fallbacks.alpha[0] 3:22', 'fallbacks.alpha[1] 3:33'],
    ],
    [
      'a name that is there twice, the rest of the file',
      'port: 1\nport: x\nreplicas: 0\nfallbacks: { alpha: [beta], alpha: [bata] }\n',
      ['port 3:1', 'fallbacks.alpha 5:29', 'port 3:1', 'replicas 4:1', 'fallbacks.alpha[0] 5:37'],
    ],
    [
      'a number with a leading 0, a name that is no text, a tag and an escape, the rest of the file',
      'port: 010\nfallbacks: { 1: [beta] }\nhost: !x y\njwt_issuer: "\\q"\nreplicas: 0\n',
      ['host 4:7', 'jwt_issuer 5:14', 'port 2:7', 'fallbacks.1 3:14', 'replicas 6:1'],
    ],
  ])('%s', (_, yaml, expected) => {
    expect(placesOf(UPSTREAMS + yaml).toSorted()).toEqual(expected.toSorted());
  });

  it.each<[string, string, string[]]>([
    [
      'an address, the options beside it and in it',
      'upstreams:\n  u: { url: "htp://x?tiemout=1", max_concurrency: 0, api_key_env: ABSENT }\n',
      ['upstreams.u.url 2:8', 'upstreams.u.tiemout 2:3', 'upstreams.u.max_concurrency 2:34', 'upstreams.u.api_key_env 2:54'],
    ],
    ['a name that is none, its address', 'upstreams: { "a b": "htp://x" }\n', ['upstreams.a 1:14', 'upstreams.a 1:14']],
    [
      'an option that means nothing to its provider, another, and what the provider lacks',
      'upstreams: { u: { url: "litellm://hosted_vllm/m", api_version: "1", vertex_project: p } }\n',
      ['upstreams.u.api_version 1:51', 'upstreams.u.vertex_project 1:69', 'HOSTED_VLLM_API_BASE undefined'],
    ],
    [
      'a key variable that is none, without a warning that there is no key',
      'upstreams: { u: { url: "litellm://groq/m", api_key_env: sk-1, timeout: 0 } }\n',
      ['upstreams.u.api_key_env 1:44', 'upstreams.u.timeout 1:63'],
    ],
    [
      'an option of the wrong kind, and not what would be missing without it',
      'upstreams: { u: { url: "litellm://hosted_vllm/m", api_base: 1 } }\n',
      ['upstreams.u.api_base 1:51'],
    ],
    [
      'an option that is no address, and not what would be missing without it',
      'upstreams: { u: { url: "litellm://hosted_vllm/m", api_base: "//h" } }\n',
      ['upstreams.u.api_base 1:51'],
    ],
  ])('in an upstream: %s', (_, yaml, expected) => {
    expect(placesOf(yaml).toSorted()).toEqual(expected.toSorted());
  });
});

it('names that stand twice in JSON are all told', () => {
  expect(told('port: 1\n', { GATEWAY_ROUTE_POLICIES: '{"a":1,"a":2,"b":{"c":1,"c":2}}' }).map((line) => line.split(':')[0])).toEqual(
    expect.arrayContaining(['GATEWAY_ROUTE_POLICIES.a = (not shown)', 'GATEWAY_ROUTE_POLICIES.b.c = (not shown)']),
  );
});

describe('what follows from a mistake is no mistake, and no warning', () => {
  it.each<[string, string, string[]]>([
    [
      'names of upstreams that could not be read',
      'upstreams: [a]\ndefault_upstream: a\nfallbacks: { a: [b], b: [c] }\nroute_policies: { r: { strategy: canary, primary: a, canary: b, percent: 1 } }\n',
      ['upstreams 1:1'],
    ],
    [
      'upstreams that stand there twice',
      'upstreams: { a: "mock://local" }\nupstreams: { b: "mock://local" }\ndefault_upstream: a\n',
      ['upstreams 2:1'],
    ],
    [
      'models of routes that could not be read',
      'route_policies: 5\napi_keys: [k]\napi_key_policies: { k: { allowed_models: [chat] } }\n',
      ['route_policies 1:1'],
    ],
    [
      'a model of a route with a mistake, and of an upstream with one',
      'upstreams: { u: "htp://x" }\napi_keys: [k]\napi_key_policies: { k: { allowed_models: [u, r] } }\nroute_policies: { r: { strategy: x } }\n',
      ['upstreams.u 1:14', 'route_policies.r.strategy 4:24'],
    ],
    [
      'policies of keys that could not be read',
      'api_keys: 5\nhost: 0.0.0.0\napi_key_policies: { k: { rate_limit_per_minute: 1 } }\n',
      ['api_keys 1:1'],
    ],
    [
      'a time longer than one that is none',
      'total_timeout_seconds: x\nconnect_timeout_seconds: 900\nrequest_timeout_seconds: 900\n',
      ['total_timeout_seconds 1:1'],
    ],
    [
      'a secret beside algorithms that could not be read',
      'jwt_secret: 01234567890123456789012345678901\njwt_algorithms: 5\n',
      ['jwt_secret 1:13', 'jwt_algorithms 2:1'],
    ],
    ['a key set beside algorithms that could not be read', 'jwt_jwks_url: https://x\njwt_algorithms: 5\n', ['jwt_algorithms 2:1']],
    ['the default key, beside a secret of tokens that is none', 'host: 0.0.0.0\njwt_secret: " "\n', ['jwt_secret 2:1']],
    [
      'policies of an upstream with a mistake',
      'upstreams: { ab: { url: "mock://local", hang: 1 } }\nfallbacks: { ab: [ab2] }\n',
      ['upstreams.ab.hang 1:41', 'fallbacks.ab[0] 2:19'],
    ],
  ])('%s', (_, yaml, expected) => {
    expect(placesOf(yaml).toSorted()).toEqual(expected.toSorted());
  });

  it('a name without its address is a name, and a key that cannot be sent is told once', () => {
    expect(placesOf('port: 1\n', { GATEWAY_UPSTREAMS: 'a=mock://local;llama', GATEWAY_FALLBACKS: 'a=llama' })).toEqual([
      'GATEWAY_UPSTREAMS.#2 undefined',
    ]);
    expect(placesOf('upstreams: { a: "http://x?api_key_env=K", b: "http://y?api_key_env=K" }\n', { K: 'a\nb' })).toEqual(['K undefined']);
  });

  it('of a file that could not be read at all, nothing is missing', () => {
    const env = { GATEWAY_HOST: '0.0.0.0', GATEWAY_DEFAULT_UPSTREAM: 'llama', GATEWAY_FALLBACKS: 'llama=b', GATEWAY_PORT: 'x' };
    expect(placesOf('upstreams: { a: "mock:', env)).toEqual(['GATEWAY_PORT undefined', 'FILE 1:23']);
  });
});

describe('the mend is written as the setting is', () => {
  it.each<[string, string, string]>([
    ['a list', 'api_keys: 5\n', 'Fix: api_keys: [key-one, key-two]'],
    ['upstreams', 'upstreams: 5\n', 'Fix: upstreams: { mock: "mock://local" }'],
    ['targets', 'route_policies: { r: { strategy: weighted } }\n', 'Fix: targets: [{ name: primary, weight: 90 }, { name: canary, weight: 10 }]'],
    ['a strategy', 'route_policies: { r: { strategy: 5, targets: [{ name: mock, weight: 1 }] } }\n', 'Fix: strategy: weighted'],
    ['fallbacks', 'fallbacks: { mock: 5 }\n', 'Fix: mock: [gpt-4o-mini, mock]'],
    ['algorithms', 'jwt_algorithms: []\n', 'Fix: jwt_algorithms: [RS256]'],
    [
      'algorithms beside a key set',
      'jwt_jwks_url: https://i.example.com/jwks\n',
      'jwt_algorithms = (missing): a public key or a key set needs an asymmetric algorithm, and none is listed (g.yaml:1:1). Fix: jwt_algorithms: [RS256]',
    ],
    ['keys of a host', 'host: 0.0.0.0\n', 'Fix: GATEWAY_API_KEYS=a-long-random-key, or api_keys_file: /run/secrets/api-keys'],
    ['an option in an address', 'upstreams: { a: "http://x?timeout=soon" }\n', 'Fix: timeout=30'],
    ['an option beside it', 'upstreams: { a: { url: "http://x", timeout: soon } }\n', 'Fix: timeout: 30'],
    ['a target', 'route_policies: { r: { strategy: weighted, targets: [mock] } }\n', 'Fix: { name: primary, weight: 90 }'],
    ['a word', 'log_level: ifno\n', 'Fix: log_level: info'],
    ['another', 'log_level: wran\n', 'Fix: log_level: warn'],
    ['a strategy by its nearest', 'route_policies: { r: { strategy: canray } }\n', 'Fix: did you mean canary?'],
  ])('%s', (_, yaml, expected) => {
    expect(told(yaml).join('\n')).toContain(expected);
  });

  it('a variable that was written into the file is meant to be its setting', () => {
    expect(told('GATEWAY_MAX_ATTEMPTS: 3\n').join()).toContain('did you mean max_attempts?');
  });

  it('in JSON', () => {
    const env = { GATEWAY_ROUTE_POLICIES: '{"r":{"strategy":5,"targets":[{"name":"mock","weight":"x"}]}}' };
    const lines = told('port: 1\n', env).join('\n');
    expect(lines).toContain('Fix: "strategy": "weighted"');
    expect(lines).toContain('Fix: "weight": 90');
  });
});

it('problems are told as one reads the file, after those of the environment', () => {
  expect(placesOf('replicas: x\nupstreams: { a: "htp://x" }\nprot: 1\nport: x\n', { GATEWAY_WORKERS: 'x' })).toEqual([
    'GATEWAY_WORKERS undefined',
    'replicas 1:1',
    'upstreams.a 2:14',
    'prot 3:1',
    'port 4:1',
  ]);
});

it('a problem is one line, whatever a name holds', () => {
  for (const name of ['a\\nb', 'x'.repeat(5000)]) {
    const [line = '', ...more] = told(`upstreams: { "${name}": "mock://local" }\n`);
    expect(more).toEqual([]);
    expect(line).toMatch(/^upstreams\.".+" = .+ \(g\.yaml:1:14\)\. Fix: /);
    expect(line.length).toBeLessThan(500);
  }
});

it('names inside a secret are told by number, even where the file is at fault', () => {
  const yaml = 'api_key_policies:\n  TOPSECRET: {}\n  TOPSECRET: { rate_limit_per_minute: 07 }\n  TOPSECRET2: !x 1\n';
  expect(told(yaml).join('\n')).not.toContain('TOPSECRET');
  expect(placesOf(yaml)).toEqual(expect.arrayContaining(['api_key_policies.#2 3:3', 'api_key_policies.#3 4:15']));
});

it('a key that was written where none belongs is not told', () => {
  for (const key of ['sk-live-0123456789abcdef', 'sk_live_0123456789abcdef', 'gsk0123456789abcdefghi', 'k3yOfMine', 'not-so-long']) {
    const yaml = `upstreams: { a: { url: "http://x", api_key_env: ${key} }, b: "http//x?api_key_env=${key}", c: "http://x?api_key_env=${key}" }\n`;
    const lines = told(yaml);
    expect(lines).toHaveLength(4);
    expect(lines.join('\n')).not.toContain(key);
  }
  const known = 'sk-live-0123456789abcdef';
  const misplaced = `upstreams: { a: ${known} }\n${known}: {}\nhost: "${known}?"\ndefault_upstream: ${known}\n`;
  expect(told(misplaced).join('\n')).not.toContain(known);
  expect(told('upstreams: { a: { url: "http://x", api_key_env: MY_KEY_2 } }\n').join()).toContain('"MY_KEY_2"');
});

it('a mend shows no password and no key of an address', () => {
  for (const address of [
    'user:TOPSECRET@host',
    'http//TOPSECRET@host',
    'host?api_key=TOPSECRET',
    'host/v1#TOPSECRET',
    'htp//a:TOPSECRET@host?x=TOPSECRET',
  ])
    expect(told(`upstreams: { a: "${address}" }\n`).join('\n')).not.toContain('TOPSECRET');
});
