import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadedSettings, loadSettings } from './load-settings.js';
import { SettingsMistakes } from './settings-mistakes.js';

const folder = mkdtempSync(join(tmpdir(), 'yaml-'));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (content: string | Buffer, env: Record<string, string> = {}): LoadedSettings => {
  writeFileSync(join(folder, 'g.yaml'), content);
  return loadSettings({ env: { GATEWAY_CONFIG_FILE: 'g.yaml', ...env }, cwd: folder });
};
const mistakesOf = (content: string | Buffer, env?: Record<string, string>): string => {
  try {
    load(content, env);
  } catch (error) {
    if (error instanceof SettingsMistakes) return error.message;
    throw error;
  }
  return '';
};

it('structures stand in the file for upstreams, fallbacks, routes and policies', () => {
  const { settings } = load(
    `
api_keys: [k1]
upstreams:
  mock: mock://local
  llama: { url: "http://localhost:8001", model: meta/llama, api_key_env: KEY, timeout: 200ms, max_concurrency: 3, pass_through_errors: true }
  slow: { url: "mock://local?tps=50", ttft: 0.2, hang: true }
default_upstream: mock
fallbacks: { llama: [slow, mock], slow: mock }
route_policies:
  chat: { strategy: canary, primary: llama, canary: mock, percent: 2.5 }
api_key_policies:
  k1: { allowed_models: [chat], rate_limit_per_minute: 0 }
`,
    { KEY: 'secret' },
  );
  expect(settings.routing.upstreams.get('llama')).toMatchObject({
    kind: 'http',
    baseUrl: 'http://localhost:8001/v1',
    model: 'meta/llama',
    apiKey: 'secret',
    firstByteTimeoutMs: 200,
    concurrencyMax: 3,
    passThroughErrors: true,
  });
  expect(settings.routing.upstreams.get('slow')?.mock).toMatchObject({ tokensPerSecond: 50, ttftMs: 200, hang: true });
  expect([...settings.routing.fallbacks]).toEqual([
    ['llama', ['slow', 'mock']],
    ['slow', ['mock']],
  ]);
  expect(settings.routing.routes.get('chat')).toEqual({ strategy: 'canary', primary: 'llama', canary: 'mock', percent: 2.5 });
  expect(settings.auth.policies.get('k1')).toEqual({ allowedModels: ['chat'], rateLimitPerMinute: 0 });
});

it('text forms of the environment are valid in the file too', () => {
  const { settings } = load('upstreams: "a=mock://local;b=mock://local"\nfallbacks: a=b\napi_keys: x,y\n');
  expect([...settings.routing.upstreams.keys()]).toEqual(['a', 'b']);
  expect(settings.routing.fallbacks.get('a')).toEqual(['b']);
  expect(settings.auth.apiKeys).toEqual(['x', 'y']);
});

it('names that JavaScript gives a meaning to are plain names to the file', () => {
  expect([...load('upstreams: { get: "mock://local", size: "mock://local" }\n').settings.routing.upstreams.keys()]).toEqual(['get', 'size']);
  for (const name of ['__proto__', 'constructor', 'toString', '""', '"  "', '"a b"', '"a\\nb"', '"/"', 'x'.repeat(201)])
    expect(mistakesOf(`upstreams: { ${name}: "mock://local" }\n`)).toMatch(/config error: upstreams\..*name/s);
});

it.each([
  ['an unknown name', 'timeuot_ms: 5\n', 'timeuot_ms = (not shown): is no known setting (g.yaml:1:1). Fix: `nexus schema` lists every setting'],
  [
    'an unknown name further down',
    'upstreams:\n  a:\n    url: mock://local\n    tiemout: 1\n',
    'upstreams.a.tiemout = (not shown): is no known setting (g.yaml:4:5). Fix: did you mean timeout?',
  ],
  ['a setting one level too deep', 'server:\n  port: 80\n', 'server = (not shown): is no known setting (g.yaml:1:1). Fix: move port one level up'],
  ['the wrong case', 'Port: 80\n', 'Port = (not shown): is no known setting (g.yaml:1:1). Fix: did you mean port?'],
  ['text for a number', 'port: "10"\n', 'port = "10": must be a whole number from 1 to 65535 (g.yaml:1:1). Fix: port: 8000'],
  ['a flag for a number', 'port: true\n', 'port = true: must be a whole number'],
  ['nothing for a number', 'port:\n', 'port = null: must be a whole number'],
  ['a list for a map', 'upstreams: [a]\n', 'upstreams = (a list): must be a map'],
  ['a map for a list', 'api_keys: { a: 1 }\n', 'api_keys = (a map): must be a list of keys'],
  ['numbers in a list of texts', 'jwt_algorithms: [1]\n', 'jwt_algorithms[0] = 1: must be text (g.yaml:1:18). Fix: put it into quotes: "1"'],
  ['no number', 'port: .nan\n', 'port = NaN'],
  ['an endless number', 'replicas: .inf\n', 'replicas = Infinity'],
  ['a placeholder', 'api_keys: ["${KEY}"]\n', 'api_keys[0] = ***: holds ${…}'],
  [
    'the inside of a target',
    'route_policies:\n  chat:\n    strategy: weighted\n    targets:\n      - name: mock\n        weight: -1\n',
    'route_policies.chat.targets[0].weight = -1: must be a number from 0 to 1000000 (g.yaml:6:9). Fix: weight: 90',
  ],
  [
    'an option twice',
    'upstreams: { a: { url: "mock://local?hang=true", hang: true } }\n',
    'upstreams.a.url = "mock://local?hang=true": hang is given twice',
  ],
  ['an upstream without url', 'upstreams: { a: { model: x } }\n', 'upstreams.a.url = (missing): is missing'],
  [
    'a scheme nobody speaks',
    'upstreams:\n  llama:\n    url: htp://x\n',
    'upstreams.llama.url = "htp://x": scheme must be http or https (or mock, litellm) (g.yaml:3:5). Fix: did you mean http://?',
  ],
  ['a number that may be octal', 'port: 010\n', 'port = 010: a number may not begin with 0 (g.yaml:1:7). Fix: 10, or "010" if it is a text'],
  ['a name that is no text', 'upstreams:\n  8000: mock://local\n', 'upstreams.8000 = (not shown): a name must be text (g.yaml:2:3). Fix: put'],
  ['a tag', 'port: !mine 1\n', 'port = (not shown): tags (!…) mean nothing here (g.yaml:1:7). Fix: remove the tag'],
  ['a name twice', 'port: 1\nport: 2\n', 'port = (not shown): this name stands there twice, first on line 1 (g.yaml:2:1). Fix: keep one of them'],
  ['a secret beside its file', 'jwt_secret: abc\njwt_secret_file: /x\n', 'jwt_secret = ***: is set beside jwt_secret_file'],
])('%s is refused, with its place', (_, content, expected) => {
  expect(mistakesOf(content)).toContain(`config error: ${expected}`);
});

it.each<[string, string | Buffer, string]>([
  ['empty', '', 'the file is empty'],
  ['nothing but comments', '# none\n', 'the file holds no settings'],
  ['a list', '- a\n', 'its top level is no map'],
  ['several documents', 'port: 1\n---\nport: 2\n', 'several YAML documents'],
  ['with a byte order mark', '\uFEFFport: 1\n', 'byte order mark'],
  ['indented by tabs', 'upstreams:\n\ta: mock://local\n', 'a tab is used as indentation \\(g\\.yaml:2:1\\)'],
  ['not UTF-8', Buffer.from([0x70, 0xff, 0xfe]), 'not valid UTF-8'],
  ['over 64 MiB', `# ${'x'.repeat(64 * 1024 * 1024)}\n`, 'larger than 64 MiB'],
  ['half written', 'upstreams: { a: "mock:', 'something is not closed, .* \\(g\\.yaml:1:23\\)'],
  ['with a structure as a name', 'upstreams: { [a]: mock://local }\n', 'a name must be text \\(g\\.yaml:1:14\\)'],
  ['with an alias inside its anchor', 'upstreams: &a { x: *a }\n', 'an alias stands inside its own anchor'],
  [
    'an alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join()}]`).join('\n')}\n`,
    'its aliases unfold to too much',
  ],
])('a file that is %s is refused', (_, content, reason) => {
  expect(mistakesOf(content)).toMatch(new RegExp(`^config error: GATEWAY_CONFIG_FILE = "g\\.yaml": .*${reason}.*\\. Fix: `));
});

it('a file that is absent, a directory or a circle of links is refused', () => {
  symlinkSync('loop', join(folder, 'loop'));
  for (const [name, reason] of [
    ['none.yaml', 'there is no such file'],
    ['.', 'this is a directory'],
    ['loop', 'go round in circles'],
  ])
    expect(mistakesOf('port: 1\n', { GATEWAY_CONFIG_FILE: name ?? '' })).toContain(reason);
});

it('nothing of a broken file is quoted: it may hold keys', () => {
  for (const broken of [
    'api_keys: [TOPSECRET',
    'TOPSECRET\n  x: y\nz: "',
    'a: *TOPSECRET\n',
    'api_keys: "TOPSECRET\\q"\n',
    '? [TOPSECRET\n',
    'jwt_secret: &x &y TOPSECRET\n',
    '%TAG TOPSECRET\n---\na',
  ]) {
    expect(mistakesOf(broken)).toMatch(/^config error/);
    expect(mistakesOf(broken)).not.toContain('TOPSECRET');
  }
});

it('a file that a typo broke anywhere is either what was meant or refused, never a stack trace', () => {
  const good =
    'port: 8000\napi_keys: [one, two]\nupstreams:\n  a: { url: "mock://local?tps=5", timeout: 2 }\n  b: mock://local\nfallbacks: { a: [b] }\nroute_policies: { r: { strategy: weighted, targets: [ { name: a, weight: 1 } ] } }\n';
  expect(mistakesOf(good)).toBe('');
  let refused = 0;
  for (let at = 0; at < good.length; at++) {
    for (const broken of [good.slice(0, at) + good.slice(at + 1), `${good.slice(0, at)}~${good.slice(at)}`, good.slice(0, at)]) {
      const message = mistakesOf(broken);
      if (message !== '') refused++;
      for (const line of message === '' ? [] : message.split('\n')) expect(line).toMatch(/^config error: .+ = .+: .+\. Fix: .+/);
    }
  }
  expect(refused).toBeGreaterThan(good.length * 1.5);
});
