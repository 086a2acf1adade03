import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGateway } from '../../../test/doubles/running-gateway.js';
import { runCli } from '../run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'import-command-'));
for (const name of ['including', 'first-steps', 'many-settings'])
  copyFileSync(join(__dirname, 'samples', `${name}.yaml`), join(folder, `${name}.yaml`));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number | undefined; out: string; err: string }> {
  let [out, err] = ['', ''];
  const world = { env: {}, cwd: folder, out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const code = await runCli(args, world);
  return { code, out, err };
}
const load = (...args: string[]): ReturnType<typeof run> => run('import', 'litellm', ...args);

it('settings go to stdout, what to do and what is left out to stderr, and stand at the head of the file too', async () => {
  const { code, out, err } = await load('many-settings.yaml');
  expect(code).toBe(0);
  const [line = ''] = /^left out: .*routing_strategy.*$/m.exec(err) ?? [];
  expect(line).toMatch(/router_settings\.routing_strategy \(many-settings\.yaml line \d+\): /);
  expect(out).toContain(`# - ${line.replace('left out: ', '')}\n`);
  expect(err).toContain('reads: ');
});

it('--strict ends with 1 when something was left out, with 0 when nothing was', async () => {
  expect((await load('many-settings.yaml', '--strict')).code).toBe(1);
  expect((await load('first-steps.yaml', '--strict')).code).toBe(0);
});

it('a file that stands there is not written over, but by --force', async () => {
  writeFileSync(join(folder, 'there.yaml'), 'mine');
  expect(await load('first-steps.yaml', '--out', 'there.yaml')).toMatchObject({ code: 73, out: '', err: expect.stringContaining('"there.yaml"') });
  expect(readFileSync(join(folder, 'there.yaml'), 'utf8')).toBe('mine');
  expect(await load('first-steps.yaml', '--out', 'there.yaml', '--force')).toMatchObject({ code: 0, out: '' });
  expect(readFileSync(join(folder, 'there.yaml'), 'utf8')).toContain('litellm://openai/gpt-4o');
  expect((await run('check', 'there.yaml')).code).toBe(0);
});

it.each([
  ['no YAML', 'model_list: [\n  a: b: c', 65, /line 2/],
  ['a tab', 'model_list:\n\t- x', 65, /line 2.*tab/],
  ['no map', '- a', 65, /line 1/],
  ['another file', 'port: 8000', 65, /model_list/],
  ['an alias without anchor', 'model_list: *none', 65, /line 1/],
  ['a missing include', 'include: [gone.yaml]', 66, /gone\.yaml/],
])('%s: told with its line', async (_what, text, code, told) => {
  writeFileSync(join(folder, 'bad.yaml'), text);
  expect(await load('bad.yaml')).toEqual({ code, out: '', err: expect.stringMatching(told) as string });
});

it('a missing file ends with 66, misuse with 64', async () => {
  expect((await load('nowhere.yaml')).code).toBe(66);
  expect((await load()).code).toBe(64);
  expect((await run('import', 'others', 'first-steps.yaml')).code).toBe(64);
  expect((await load('first-steps.yaml', '--what')).code).toBe(64);
});

it('a gateway starts with the new file and serves the names that clients had', async () => {
  expect((await load('including.yaml', '--out', 'made.yaml')).code).toBe(0);
  const gateway = await runGateway({ GATEWAY_CONFIG_FILE: join(folder, 'made.yaml'), GATEWAY_API_KEYS: 'the-master-key' });
  try {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer the-master-key', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'practice', messages: [{ role: 'user', content: 'hello' }] }),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-nexus-upstream')).toMatch(/^practice-[12]$/);
    expect(answer.headers.has('x-ratelimit-limit-requests')).toBe(false);
    expect(await answer.json()).toMatchObject({ model: 'practice', choices: [{ message: { content: expect.stringMatching(/^Hello/) as string } }] });
  } finally {
    await gateway.stop();
  }
});
