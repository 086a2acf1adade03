import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(
  args: string[],
  env: Record<string, string> = {},
  cwd = folder,
  stdin = '',
): Promise<{ code: number | undefined; out: string; err: string }> {
  let [out, err] = ['', ''];
  const input = (): Promise<Uint8Array> => Promise.resolve(Buffer.from(stdin));
  const code = await runCli(args, { env, cwd, out: (text) => void (out += text), err: (text) => void (err += text), input });
  return { code, out, err };
}

describe('check', () => {
  it('valid settings end with 0 and a summary, warnings beside', async () => {
    const { code, out, err } = await run(['check'], { GATEWAY_JWT_SECRET: 'short', GATEWAY_FALLBACKS: 'x=mock' });
    expect(code).toBe(0);
    expect(out).toContain('settings are valid\n  listen     127.0.0.1:8000, 1 process\n  upstreams  mock\n');
    expect(out).toContain('x → mock');
    expect(out).toContain('the default key, tokens (secret)');
    expect(err.split('\n').filter((line) => line.startsWith('warning: '))).toHaveLength(2);
  });

  it('a faulty file ends with 78 and every problem on stderr', async () => {
    writeFileSync(join(folder, 'bad.yaml'), 'port: x\nreplicas: -1\n');
    expect(await run(['check', 'bad.yaml'], { GATEWAY_MAX_ATTEMPTS: '0' })).toEqual({
      code: 78,
      out: '',
      err: expect.stringMatching(/^(config error: .+\. Fix: .+\n){3}$/),
    });
  });

  it('the example file is valid', async () => {
    expect(await run(['check', 'config/gateway.example.yaml'], {}, process.cwd())).toMatchObject({ code: 0, err: '' });
  });

  it('where environment and file differ, both are told, and which counts', async () => {
    writeFileSync(join(folder, 'good.yaml'), 'jwt_secret: hidden\nport: 1000\n');
    const { out } = await run(['check', 'good.yaml'], { GATEWAY_PORT: '2000', GATEWAY_JWT_SECRET: 'hidden-too' });
    expect(out).toContain('  override   GATEWAY_PORT = "2000" comes before port = 1000 (good.yaml:2:1)\n');
    expect(out).toContain('  override   GATEWAY_JWT_SECRET = *** comes before jwt_secret = *** (good.yaml:1:1)\n');
  });

  it('the argument comes before GATEWAY_CONFIG_FILE, and mistakes in reading it name the argument', async () => {
    writeFileSync(join(folder, 'broken.yaml'), 'upstreams: { a: "mock:');
    const { code, err } = await run(['check', 'broken.yaml'], { GATEWAY_CONFIG_FILE: 'other.yaml' });
    expect(code).toBe(78);
    expect(err).toMatch(/^config error: FILE = "broken\.yaml": something is not closed.* \(broken\.yaml:1:23\)\. Fix: .+\n$/);
    expect((await run(['check', 'none.yaml'])).err).toMatch(/^config error: FILE = "none\.yaml": there is no such file\. Fix: /);
  });

  it('warnings of a faulty file are told beside its mistakes', async () => {
    writeFileSync(join(folder, 'both.yaml'), 'port: x\napi_keys: [k]\napi_key_policies:\n  k:\n    allowed_models: [mock, lama]\n');
    expect((await run(['check', 'both.yaml'])).err).toBe(
      'warning: api_key_policies.#1.allowed_models[1] "lama" is neither a route nor an upstream, and there is no default upstream (both.yaml:5:28)\n' +
        'config error: port = "x": must be a whole number from 1 to 65535 (both.yaml:1:1). Fix: port: 8000\n',
    );
  });

  it('- is standard input', async () => {
    expect(await run(['check', '-'], {}, folder, 'default_upstream: mock\n')).toMatchObject({
      code: 0,
      out: expect.stringContaining('mock (default mock)'),
    });
    expect(await run(['check', '-'], {}, folder, 'port: x\n')).toMatchObject({ code: 78, err: expect.stringContaining('(<stdin>:1:1)') });
    expect(await run(['check', '-'])).toMatchObject({ code: 78, err: expect.stringContaining('FILE = "<stdin>": the file is empty') });
  });

  it('--json tells each problem as an object on a line of stdout, and no key', async () => {
    const key = 'TOPSECRET-1';
    const yaml = `api_keys: [${key}, ${key}]\nreplicas: -1\napi_key_policies:\n  ${key}: { allowed_models: [lama] }\n`;
    const { code, out, err } = await run(['check', '-', '--json'], { GATEWAY_MAX_ATTEMPTS: '0' }, folder, yaml);
    expect({ code, err }).toEqual({ code: 78, err: '' });
    expect(out).not.toContain('TOPSECRET');
    const problems = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const file = '<stdin>';
    expect(problems).toHaveLength(4);
    expect(problems).toEqual(
      expect.arrayContaining([
        {
          severity: 'error',
          path: 'replicas',
          file,
          line: 2,
          column: 1,
          found: '-1',
          message: 'must be a whole number from 1 to 100000. Fix: replicas: 3',
        },
        {
          severity: 'error',
          path: 'GATEWAY_MAX_ATTEMPTS',
          file: null,
          line: null,
          column: null,
          found: '0',
          message: 'must be a whole number from 1 to 100. Fix: GATEWAY_MAX_ATTEMPTS=3',
        },
        {
          severity: 'error',
          path: 'api_keys[1]',
          file,
          line: 1,
          column: 25,
          found: '***',
          message: 'is the same key as number 1. Fix: keep one of them',
        },
        {
          severity: 'warning',
          path: 'api_key_policies.#1.allowed_models[0]',
          file,
          line: 4,
          column: 35,
          found: '"lama"',
          message: '"lama" is neither a route nor an upstream, and there is no default upstream',
        },
      ]),
    );
  });

  it('--json of valid settings tells warnings alone and ends with 0', async () => {
    expect(await run(['check', '--json'])).toEqual({ code: 0, out: '', err: '' });
    const { code, out } = await run(['check', '--json'], { GATEWAY_JWT_SECRET: 'short' });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ severity: 'warning', path: 'GATEWAY_JWT_SECRET', found: null });
  });

  it('no key is told', async () => {
    const { out } = await run(['check'], { GATEWAY_API_KEYS: 'TOPSECRET', GATEWAY_REDIS_URL: 'redis://:TOPSECRET@h' });
    expect(out).toContain('1 key');
    expect(out).not.toContain('TOPSECRET');
  });
});

it('schema prints the JSON Schema', async () => {
  const { code, out } = await run(['schema']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ properties: { port: { default: 8000 } }, additionalProperties: false });
});

it('version tells the package and the runtime', async () => {
  expect((await run(['version'])).out).toMatch(/^nexus \d+\.\d+\.\d+ \(Node \d+/);
  expect((await run(['--version'])).out).toMatch(/^nexus /);
});

it('help is told wherever it is asked for', async () => {
  for (const args of [[], ['--help'], ['help'], ['check', '-h']])
    expect(await run(args)).toMatchObject({ code: 0, out: expect.stringContaining('nexus check [FILE]'), err: '' });
});

it.each([[['chekc']], [['check', '--fiel', 'x']], [['schema', 'x']], [['check', 'a', 'b']]])(
  'misuse (%j) ends with 64 and the usage',
  async (args) => {
    expect(await run(args)).toMatchObject({ code: 64, out: '', err: expect.stringContaining('nexus check [FILE]') });
  },
);
