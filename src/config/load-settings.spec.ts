import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { type LoadedSettings, loadSettings } from './load-settings.js';
import { SettingsMistakes } from './settings-mistakes.js';
import { settingsTable } from './settings-table.js';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const load = (env: Record<string, string>, cwd = '/nonexistent'): LoadedSettings => loadSettings({ env, cwd });
const settingsOf = (env: Record<string, string>): GatewaySettings => load(env).settings;
const mistakesOf = (env: Record<string, string>, cwd?: string): string => {
  try {
    load(env, cwd);
  } catch (error) {
    if (error instanceof SettingsMistakes) return error.message;
    throw error;
  }
  return '';
};

/** Names and defaults are fixed: they are what operators have written down. */
const DEFAULTS: Record<string, string> = {
  GATEWAY_API_KEYS: 'dev-key',
  GATEWAY_RATE_LIMIT_PER_MINUTE: '60',
  GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '5',
  GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '30',
  GATEWAY_REQUEST_TIMEOUT_SECONDS: '10',
  GATEWAY_UPSTREAMS: 'mock=mock://local',
  GATEWAY_DEFAULT_UPSTREAM: '',
  GATEWAY_FALLBACKS: '',
  GATEWAY_REDIS_URL: '',
  GATEWAY_API_KEY_POLICIES: '',
  GATEWAY_ROUTE_POLICIES: '',
  GATEWAY_JWT_SECRET: '',
  GATEWAY_JWT_PUBLIC_KEY: '',
  GATEWAY_JWT_JWKS_URL: '',
  GATEWAY_JWT_ALGORITHMS: 'HS256',
  GATEWAY_JWT_ISSUER: '',
  GATEWAY_JWT_AUDIENCE: '',
  GATEWAY_HOST: '127.0.0.1',
  GATEWAY_PORT: '8000',
  GATEWAY_WORKERS: '1',
  GATEWAY_CONFIG_FILE: '',
  GATEWAY_LOG_LEVEL: 'info',
  GATEWAY_CONNECT_TIMEOUT_SECONDS: '2',
  GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS: '30',
  GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS: '300',
  GATEWAY_TOTAL_TIMEOUT_SECONDS: '600',
  GATEWAY_MAX_ATTEMPTS: '3',
  GATEWAY_RETRY_BUDGET_PERCENT: '20',
  GATEWAY_RETRY_AFTER_MAX_WAIT_SECONDS: '0',
  GATEWAY_BODY_LIMIT_BYTES: '33554432',
  GATEWAY_HEADER_TIMEOUT_SECONDS: '15',
  GATEWAY_BODY_IDLE_TIMEOUT_SECONDS: '15',
  GATEWAY_RESPONSE_LIMIT_BYTES: '67108864',
  GATEWAY_WRITE_STALL_SECONDS: '60',
  GATEWAY_AUTH_FAILURES_PER_MINUTE: '600',
  GATEWAY_CIRCUIT_BREAKER_FAILURE_PERCENT: '0',
  GATEWAY_OTEL_SEMCONV: 'latest',
  GATEWAY_DRAIN_DELAY_SECONDS: '0',
  GATEWAY_DRAIN_TIMEOUT_SECONDS: '30',
  GATEWAY_TRUSTED_PROXIES: '',
  GATEWAY_METRICS_TOKEN: '',
  GATEWAY_DOCS: 'true',
  GATEWAY_ON_REDIS_DOWN: 'local',
  GATEWAY_REPLICAS: '1',
  GATEWAY_SSE_PING_SECONDS: '15',
  GATEWAY_UPSTREAM_MAX_CONCURRENCY: '1024',
  GATEWAY_UPSTREAM_QUEUE_MS: '0',
  GATEWAY_LITELLM_PROXY_URL: '',
};

it('every variable has the name and the default that are promised', () => {
  const table = Object.fromEntries(settingsTable().map(({ name, default: value }) => [name, value]));
  for (const secret of ['API_KEYS', 'REDIS_URL', 'API_KEY_POLICIES', 'JWT_SECRET', 'JWT_PUBLIC_KEY', 'METRICS_TOKEN'])
    DEFAULTS[`GATEWAY_${secret}_FILE`] = '';
  expect(table).toEqual(DEFAULTS);
});

it('without any setting, the defaults are in force', () => {
  const { settings, warnings } = load({});
  expect(warnings).toEqual([]);
  expect(settings).toMatchObject({
    revision: 1,
    server: {
      host: '127.0.0.1',
      port: 8000,
      workers: 1,
      bodyBytesMax: 33_554_432,
      headerTimeoutMs: 15_000,
      bodyIdleTimeoutMs: 15_000,
      writeStallMs: 60_000,
      ssePingMs: 15_000,
      drainDelayMs: 0,
      drainTimeoutMs: 30_000,
      trustedProxies: [],
      docs: true,
    },
    auth: { apiKeys: ['dev-key'], usesDefaultKey: true, jwt: undefined, failuresPerMinute: 600 },
    limits: { ratePerMinute: 60, redisUrl: undefined, onRedisDown: 'local', replicas: 1 },
    resilience: {
      circuit: { failuresMax: 5, resetMs: 30_000, failurePercent: 0 },
      connectTimeoutMs: 2000,
      streamIdleTimeoutMs: 30_000,
      firstContentTimeoutMs: 300_000,
      totalTimeoutMs: 600_000,
      attemptsMax: 3,
      retryBudgetPercent: 20,
      retryAfterWaitMsMax: 0,
      responseBytesMax: 67_108_864,
      eventBytesMax: 1_048_576,
      queueMs: 0,
    },
    observability: { logLevel: 'info', metricsToken: undefined, otelSemconv: 'latest', telemetry: undefined },
  });
  expect(settings.routing.upstreams.get('mock')).toMatchObject({
    kind: 'mock',
    baseUrl: 'mock://local',
    firstByteTimeoutMs: 10_000,
    concurrencyMax: 1024,
    keyMissing: false,
    mock: { ttftMs: 0, tokensPerSecond: 0, errorRate: 0, hang: false },
  });
});

it.each<[string, string, (settings: GatewaySettings) => unknown, unknown]>([
  ['GATEWAY_API_KEYS', 'one, two', (s) => s.auth.apiKeys, ['one', 'two']],
  ['GATEWAY_RATE_LIMIT_PER_MINUTE', '0', (s) => s.limits.ratePerMinute, 0],
  ['GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES', '2', (s) => s.resilience.circuit.failuresMax, 2],
  ['GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS', '0.5', (s) => s.resilience.circuit.resetMs, 500],
  ['GATEWAY_CIRCUIT_BREAKER_FAILURE_PERCENT', '50', (s) => s.resilience.circuit.failurePercent, 50],
  ['GATEWAY_REQUEST_TIMEOUT_SECONDS', '.25', (s) => s.routing.upstreams.get('mock')?.firstByteTimeoutMs, 250],
  ['GATEWAY_DEFAULT_UPSTREAM', 'mock', (s) => s.routing.defaultUpstream, 'mock'],
  ['GATEWAY_REDIS_URL', 'redis://127.0.0.1:6379/1', (s) => s.limits.redisUrl, 'redis://127.0.0.1:6379/1'],
  ['GATEWAY_JWT_SECRET', 'x'.repeat(32), (s) => s.auth.jwt?.secret, 'x'.repeat(32)],
  ['GATEWAY_JWT_JWKS_URL', 'http://127.0.0.1:1/keys', (s) => s.auth.jwt?.jwksUrl, 'http://127.0.0.1:1/keys'],
  ['GATEWAY_HOST', '::1', (s) => s.server.host, '::1'],
  ['GATEWAY_PORT', '9000', (s) => s.server.port, 9000],
  ['GATEWAY_WORKERS', 'auto', (s) => s.server.workers, availableParallelism()],
  ['GATEWAY_LOG_LEVEL', 'debug', (s) => s.observability.logLevel, 'debug'],
  ['GATEWAY_CONNECT_TIMEOUT_SECONDS', '1.5', (s) => s.resilience.connectTimeoutMs, 1500],
  ['GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS', '1', (s) => s.resilience.streamIdleTimeoutMs, 1000],
  ['GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS', '2', (s) => s.resilience.firstContentTimeoutMs, 2000],
  ['GATEWAY_TOTAL_TIMEOUT_SECONDS', '3', (s) => s.resilience.totalTimeoutMs, 3000],
  ['GATEWAY_MAX_ATTEMPTS', '1', (s) => s.resilience.attemptsMax, 1],
  ['GATEWAY_RETRY_BUDGET_PERCENT', '0', (s) => s.resilience.retryBudgetPercent, 0],
  ['GATEWAY_RETRY_AFTER_MAX_WAIT_SECONDS', '2', (s) => s.resilience.retryAfterWaitMsMax, 2000],
  ['GATEWAY_BODY_LIMIT_BYTES', '1024', (s) => s.server.bodyBytesMax, 1024],
  ['GATEWAY_HEADER_TIMEOUT_SECONDS', '1', (s) => s.server.headerTimeoutMs, 1000],
  ['GATEWAY_BODY_IDLE_TIMEOUT_SECONDS', '1', (s) => s.server.bodyIdleTimeoutMs, 1000],
  ['GATEWAY_RESPONSE_LIMIT_BYTES', '2048', (s) => s.resilience.responseBytesMax, 2048],
  ['GATEWAY_WRITE_STALL_SECONDS', '1', (s) => s.server.writeStallMs, 1000],
  ['GATEWAY_AUTH_FAILURES_PER_MINUTE', '7', (s) => s.auth.failuresPerMinute, 7],
  ['GATEWAY_OTEL_SEMCONV', 'v1.41', (s) => s.observability.otelSemconv, 'v1.41'],
  ['GATEWAY_DRAIN_DELAY_SECONDS', '5', (s) => s.server.drainDelayMs, 5000],
  ['GATEWAY_DRAIN_TIMEOUT_SECONDS', '0', (s) => s.server.drainTimeoutMs, 0],
  ['GATEWAY_TRUSTED_PROXIES', '10.0.0.0/8, ::1', (s) => s.server.trustedProxies, ['10.0.0.0/8', '::1']],
  ['GATEWAY_METRICS_TOKEN', 'token', (s) => s.observability.metricsToken, 'token'],
  ['GATEWAY_DOCS', 'false', (s) => s.server.docs, false],
  ['GATEWAY_ON_REDIS_DOWN', 'deny', (s) => s.limits.onRedisDown, 'deny'],
  ['GATEWAY_REPLICAS', '3', (s) => s.limits.replicas, 3],
  ['GATEWAY_SSE_PING_SECONDS', '0.2', (s) => s.server.ssePingMs, 200],
  ['GATEWAY_UPSTREAM_MAX_CONCURRENCY', '8', (s) => s.routing.upstreams.get('mock')?.concurrencyMax, 8],
  ['GATEWAY_UPSTREAM_QUEUE_MS', '50', (s) => s.resilience.queueMs, 50],
  ['GATEWAY_FALLBACKS', 'llama=mock', (s) => s.routing.fallbacks.get('llama'), ['mock']],
  [
    'GATEWAY_ROUTE_POLICIES',
    '{"chat":{"strategy":"weighted","targets":[{"name":"mock","weight":1}]}}',
    (s) => s.routing.routes.get('chat'),
    { strategy: 'weighted', targets: [{ name: 'mock', weight: 1 }] },
  ],
  [
    'GATEWAY_API_KEY_POLICIES',
    '{"dev-key":{"allowed_models":["mock"],"rate_limit_per_minute":0}}',
    (s) => s.auth.policies.get('dev-key'),
    { allowedModels: ['mock'], rateLimitPerMinute: 0 },
  ],
])('%s=%s is taken', (name, value, of, expected) => {
  if (name === 'GATEWAY_JWT_JWKS_URL') expect(of(settingsOf({ [name]: value, GATEWAY_JWT_ALGORITHMS: 'RS256' }))).toEqual(expected);
  else expect(of(settingsOf({ [name]: value }))).toEqual(expected);
});

it('issuer, audience and algorithms go with the tokens', () => {
  expect(
    settingsOf({ GATEWAY_JWT_SECRET: 's'.repeat(40), GATEWAY_JWT_ALGORITHMS: 'HS256,HS512', GATEWAY_JWT_ISSUER: 'me', GATEWAY_JWT_AUDIENCE: 'you' })
      .auth.jwt,
  ).toEqual({
    secret: 's'.repeat(40),
    publicKey: undefined,
    jwksUrl: undefined,
    algorithms: ['HS256', 'HS512'],
    issuer: 'me',
    audience: 'you',
  });
});

it.each([
  ['GATEWAY_PORT', 'abc'],
  ['GATEWAY_PORT', '0'],
  ['GATEWAY_PORT', '65536'],
  ['GATEWAY_PORT', '80.5'],
  ['GATEWAY_PORT', '010'],
  ['GATEWAY_PORT', ' '],
  ['GATEWAY_RATE_LIMIT_PER_MINUTE', '-1'],
  ['GATEWAY_RATE_LIMIT_PER_MINUTE', '1.5'],
  ['GATEWAY_RATE_LIMIT_PER_MINUTE', 'NaN'],
  ['GATEWAY_RATE_LIMIT_PER_MINUTE', 'Infinity'],
  ['GATEWAY_RATE_LIMIT_PER_MINUTE', '1e99'],
  ['GATEWAY_RATE_LIMIT_PER_MINUTE', '9007199254740993'],
  ['GATEWAY_REQUEST_TIMEOUT_SECONDS', '10s'],
  ['GATEWAY_REQUEST_TIMEOUT_SECONDS', '10 seconds'],
  ['GATEWAY_REQUEST_TIMEOUT_SECONDS', '0'],
  ['GATEWAY_REQUEST_TIMEOUT_SECONDS', '-3'],
  ['GATEWAY_REQUEST_TIMEOUT_SECONDS', '99999999'],
  ['GATEWAY_DOCS', 'maybe'],
  ['GATEWAY_LOG_LEVEL', 'INFO'],
  ['GATEWAY_ON_REDIS_DOWN', 'panic'],
  ['GATEWAY_WORKERS', '0'],
  ['GATEWAY_WORKERS', 'many'],
  ['GATEWAY_RETRY_BUDGET_PERCENT', '101'],
  ['GATEWAY_MAX_ATTEMPTS', '0'],
  ['GATEWAY_HOST', 'not a host'],
  ['GATEWAY_OTEL_SEMCONV', 'newest'],
])('%s=%j is refused, with its name, the value, the reason and a mend', (name, value) => {
  const message = mistakesOf({ [name]: value });
  expect(message).toMatch(new RegExp(`^config error: ${name} = "?${value.replace(/[.+]/g, '\\$&')}"?: must be .+\\. Fix: ${name}=`));
});

it('every mistake is named at once', () => {
  const message = mistakesOf({
    GATEWAY_PORT: 'abc',
    GATEWAY_DOCS: 'x',
    GATEWAY_UPSTREAMS: 'a=htp://x;b',
    GATEWAY_DEFAULT_UPSTREAM: 'z',
    GATEWAY_RATE_LIMTS: '5',
    GATEWAY_JWT_ALGORITHMS: 'none',
    GATEWAY_REDIS_URL: 'http://x',
  });
  for (const name of [
    'GATEWAY_PORT',
    'GATEWAY_DOCS',
    'GATEWAY_UPSTREAMS.a',
    'GATEWAY_UPSTREAMS.#2',
    'GATEWAY_DEFAULT_UPSTREAM',
    'GATEWAY_RATE_LIMTS',
    'GATEWAY_JWT_ALGORITHMS',
    'GATEWAY_REDIS_URL',
  ])
    expect(message).toContain(`config error: ${name} = `);
  expect(message.split('\n')).toHaveLength(8);
  expect(new SettingsMistakes([]).exitCode).toBe(78);
});

it.each([
  ['GATEWAY_RATE_LIMTS', 'GATEWAY_RATE_LIMIT_PER_MINUTE'],
  ['GATEWAY_RATE_LIMIT', 'GATEWAY_RATE_LIMIT_PER_MINUTE'],
  ['GATEWAY_API_KEY', 'GATEWAY_API_KEYS'],
  ['GATEWAY_UPSTREAM', 'GATEWAY_UPSTREAMS'],
  ['GATEWAY_Port', 'GATEWAY_PORT'],
])('unknown %s is refused with the nearest name %s, its value untold', (name, near) => {
  expect(mistakesOf({ [name]: 'sk-secret' })).toBe(`config error: ${name} = (not shown): is no known setting. Fix: did you mean ${near}?`);
});

it('names of Kubernetes service links are ignored with one warning, reserved names without', () => {
  const { settings, warnings } = load({
    GATEWAY_PORT: 'tcp://10.0.0.1:8000',
    GATEWAY_SERVICE_HOST: '10.0.0.1',
    GATEWAY_SERVICE_PORT_HTTP: '80',
    GATEWAY_PORT_8000_TCP_ADDR: '10.0.0.1',
    GATEWAY_METRICS_PORT_9090_TCP: 'tcp://10.0.0.1:9090',
    GATEWAY_METRICS_SERVICE_HOST: '10.0.0.1',
    GATEWAY_TEST_REDIS_URL: 'x',
  });
  expect(settings.server.port).toBe(8000);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('service links');
});

describe('sources', () => {
  it('process environment comes before .env, and .env before the file', () => {
    write('.env', 'GATEWAY_PORT=2000\nGATEWAY_MAX_ATTEMPTS=2\n');
    const file = write('a.yaml', 'port: 3000\nmax_attempts: 9\nreplicas: 7\n');
    const { settings, files } = load({ GATEWAY_PORT: '1000', GATEWAY_MAX_ATTEMPTS: '', GATEWAY_CONFIG_FILE: file }, folder);
    expect([settings.server.port, settings.resilience.attemptsMax, settings.limits.replicas]).toEqual([1000, 2, 7]);
    expect(files).toEqual([file]);
    rmSync(join(folder, '.env'));
  });

  it('an empty variable counts as unset', () => {
    expect(settingsOf(Object.fromEntries(settingsTable().map(({ name }) => [name, ''])))).toEqual(settingsOf({}));
  });

  it.each(['GATEWAY_API_KEYS', 'GATEWAY_JWT_SECRET', 'GATEWAY_METRICS_TOKEN', 'GATEWAY_REDIS_URL'])(
    '%s may stand in a file, its trailing line break trimmed',
    (name) => {
      const value = name === 'GATEWAY_REDIS_URL' ? 'redis://h:1/2' : 'v'.repeat(40);
      const { settings, files } = load({ [`${name}_FILE`]: write('secret', `${value}\n`) });
      expect(files).toEqual([join(folder, 'secret')]);
      expect(JSON.stringify(settings)).toContain(value);
      expect(JSON.stringify(settings)).not.toContain(`${value}\\n`);
    },
  );

  it('keys in a file may stand on lines of their own', () => {
    expect(settingsOf({ GATEWAY_API_KEYS_FILE: write('keys', 'one\ntwo,three\n') }).auth.apiKeys).toEqual(['one', 'two', 'three']);
  });

  it.each([
    ['absent', 'there is no such file'],
    ['.', 'this is a directory'],
    ['blank', 'the file is empty'],
  ])('a secret file that is %s is refused', (name, reason) => {
    write('blank', '\n');
    expect(mistakesOf({ GATEWAY_JWT_SECRET_FILE: join(folder, name) })).toMatch(new RegExp(`GATEWAY_JWT_SECRET_FILE = .*${reason}`));
  });

  it('a secret beside its file is refused', () => {
    expect(mistakesOf({ GATEWAY_JWT_SECRET: 'hidden-one', GATEWAY_JWT_SECRET_FILE: '/x' })).toBe(
      'config error: GATEWAY_JWT_SECRET = ***: is set beside GATEWAY_JWT_SECRET_FILE. Fix: keep one of the two',
    );
  });

  it.each([' ', '\n', '\t '])('a secret of white space alone (%j) is refused', (blank) => {
    for (const name of ['GATEWAY_JWT_SECRET', 'GATEWAY_METRICS_TOKEN', 'GATEWAY_API_KEYS', 'GATEWAY_REDIS_URL'])
      expect(mistakesOf({ [name]: blank })).toContain(`config error: ${name} = ***: is nothing but white space`);
  });

  it('a placeholder that nobody filled in is refused', () => {
    expect(mistakesOf({ GATEWAY_API_KEYS: 'a,${KEY}' })).toContain('GATEWAY_API_KEYS = ***: holds ${…}');
    expect(settingsOf({ GATEWAY_JWT_SECRET: 'pa$$word-pa$$word-pa$$word-pa$$word' }).auth.jwt?.secret).toContain('$$');
  });
});

describe('secrets', () => {
  it('no message prints a key, a token or a password, whatever is wrong with it', () => {
    const secret = 'TOPSECRET';
    const message = mistakesOf({
      GATEWAY_API_KEYS: `${secret}-1,${secret}-1,${secret} 2`,
      GATEWAY_API_KEY: secret,
      GATEWAY_API_KEY_POLICIES: `{"${secret}":{"rate_limit_per_minute":-1},"${secret}":{"api_key":"${secret}"},"x\\n${secret}":{}}`,
      GATEWAY_REDIS_URL: `redis://user:${secret}@host:99999/99`,
      GATEWAY_JWT_PUBLIC_KEY: `-----BEGIN PRIVATE KEY-----${secret}`,
      GATEWAY_METRICS_TOKEN: `${secret} ${secret}`,
      GATEWAY_UPSTREAMS: `a=http://user:${secret}@host;b=http://host?api_key=${secret};c=http://host/#${secret};d=http://${secret}@host?model=x#`,
      GATEWAY_LITELLM_PROXY_URL: `http://u:${secret}@host`,
    });
    expect(message.split('\n').length).toBeGreaterThan(10);
    expect(message).not.toContain(secret);
    expect(mistakesOf({ GATEWAY_API_KEY_POLICIES: `{"a":{}, ${secret}` })).not.toContain(secret);
    expect(load({ GATEWAY_API_KEY_POLICIES: `{"${secret}":{}}` }).warnings.join()).toMatch(/^GATEWAY_API_KEY_POLICIES\.#1 is named by no key/);
  });
});

it.each([
  ['a host beyond loopback without keys', { GATEWAY_HOST: '0.0.0.0' }, 'GATEWAY_HOST = "0.0.0.0"'],
  ['an address that is none', { GATEWAY_HOST: '127.0.0.300' }, 'GATEWAY_HOST = "127.0.0.300": is no valid IP address'],
  [
    'a default upstream that is none',
    { GATEWAY_DEFAULT_UPSTREAM: 'mok' },
    'GATEWAY_DEFAULT_UPSTREAM = "mok": there is no such upstream. Fix: did you mean mock?',
  ],
  ['a metrics token with blanks', { GATEWAY_METRICS_TOKEN: 'a b' }, 'GATEWAY_METRICS_TOKEN = ***'],
  ['JSON where keys are wanted', { GATEWAY_API_KEYS: '["a"]' }, 'GATEWAY_API_KEYS[0] = ***: a key may hold printable ASCII alone'],
  ['a key that stands there twice', { GATEWAY_API_KEYS: 'a,b,a' }, 'GATEWAY_API_KEYS[2] = ***: is the same key as number 1'],
  [
    'a part longer than the whole',
    { GATEWAY_CONNECT_TIMEOUT_SECONDS: '20', GATEWAY_TOTAL_TIMEOUT_SECONDS: '10' },
    'GATEWAY_CONNECT_TIMEOUT_SECONDS = 20: is longer than GATEWAY_TOTAL_TIMEOUT_SECONDS (10)',
  ],
  [
    'an idle time longer than the whole',
    { GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS: '20', GATEWAY_TOTAL_TIMEOUT_SECONDS: '10' },
    'GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS = 20',
  ],
  [
    'a first byte later than the whole',
    { GATEWAY_REQUEST_TIMEOUT_SECONDS: '20', GATEWAY_TOTAL_TIMEOUT_SECONDS: '10' },
    'GATEWAY_REQUEST_TIMEOUT_SECONDS = 20',
  ],
  ['broken JSON', { GATEWAY_ROUTE_POLICIES: '{"chat":' }, 'GATEWAY_ROUTE_POLICIES = (not shown): is no valid JSON'],
  ['JSON that is a list', { GATEWAY_ROUTE_POLICIES: '[]' }, 'GATEWAY_ROUTE_POLICIES = '],
  ['a name that stands twice in JSON', { GATEWAY_ROUTE_POLICIES: '{"a":{},"a":{}}' }, 'GATEWAY_ROUTE_POLICIES.a = (not shown): stands there twice'],
  ['an upstream that stands there twice', { GATEWAY_UPSTREAMS: 'a=mock://local;a=mock://local' }, 'GATEWAY_UPSTREAMS.a = "a": stands there twice'],
  ['no upstream at all', { GATEWAY_UPSTREAMS: ';' }, 'GATEWAY_UPSTREAMS = (empty): names no upstream'],
  [
    'an unknown key inside JSON',
    { GATEWAY_API_KEY_POLICIES: '{"dev-key":{"allowed_model":["a"]}}' },
    'GATEWAY_API_KEY_POLICIES.#1.allowed_model = (not shown): is no known setting. Fix: did you mean allowed_models?',
  ],
])('%s is refused', (_, env, expected) => {
  expect(mistakesOf(env as unknown as Record<string, string>)).toContain(`config error: ${expected}`);
});

it('a default gives way: only what was written can contradict', () => {
  expect(settingsOf({ GATEWAY_TOTAL_TIMEOUT_SECONDS: '1' }).resilience.totalTimeoutMs).toBe(1000);
});

it('beyond loopback, tokens alone are enough, and the default key never serves', () => {
  expect(settingsOf({ GATEWAY_HOST: '0.0.0.0', GATEWAY_JWT_SECRET: 's'.repeat(32) }).auth).toMatchObject({ apiKeys: [], usesDefaultKey: false });
});

it('checks of TLS that are switched off are warned of', () => {
  expect(load({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }).warnings).toEqual([expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED')]);
});

it('settings are frozen to the bottom', () => {
  const settings = settingsOf({});
  expect(Object.isFrozen(settings.resilience.circuit)).toBe(true);
  expect(Object.isFrozen(settings.routing.upstreams.get('mock')?.mock)).toBe(true);
});

it('whatever stands in a variable or in the file: settings, or mistakes in the one form, never another error', () => {
  const texts = [
    ' ',
    'a',
    'a=b',
    ';',
    '=',
    '{}',
    '[]',
    'null',
    '-1',
    '{"a":null}',
    '{"a":{"strategy":"weighted","targets":[null,1,{}]}}',
    '{"dev-key":{"allowed_models":[1]}}',
    'm=litellm://%zz',
    'm=http://%zz?=1',
    'a=b;b=a',
    'a=,',
    'x'.repeat(5000),
    '\u0000',
  ];
  const values = [
    'null',
    '[]',
    '{}',
    '[null]',
    '{a: null}',
    '{a: [null]}',
    '{a: {url: [x], timeout: {}}}',
    '{a: {strategy: weighted, targets: [[a], null]}}',
    '2020-01-01',
    '!!binary aGVsbG8=',
    '!!set {a}',
    '&x {a: *x}',
    '"\\0"',
    '1e999',
  ];
  const tried = (env: Record<string, string>): void => {
    for (const line of mistakesOf(env, folder).split('\n')) expect(line).toMatch(/^$|^config error: \S+ = .+: .+\. Fix: .+/);
  };
  for (const { name } of settingsTable()) {
    for (const text of texts) tried({ [name]: text });
    for (const value of values) tried({ GATEWAY_CONFIG_FILE: write('any.yaml', `${name.slice('GATEWAY_'.length).toLowerCase()}: ${value}\n`) });
  }
});
