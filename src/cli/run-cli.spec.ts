import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(args: string[], env: Record<string, string> = {}, cwd = folder): Promise<{ code: number | undefined; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(args, { env, cwd, out: (text) => void (out += text), err: (text) => void (err += text) });
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

it.each([[['chekc']], [['check', '--fiel', 'x']], [['schema', 'x']]])('misuse (%j) ends with 64 and the usage', async (args) => {
  expect(await run(args)).toMatchObject({ code: 64, out: '', err: expect.stringContaining('nexus check [FILE]') });
});
