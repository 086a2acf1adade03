import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveSettings } from './live-settings.js';
import { loadSettings } from './load-settings.js';
import { SettingsReload } from './settings-reload.js';

const POLL_MS = 15;
let folder: string;
let reload: SettingsReload | undefined;
const results: [result: string, detail: readonly string[]][] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reload-'));
  results.length = 0;
});
afterEach(() => {
  reload?.stop();
  rmSync(folder, { recursive: true });
});

function running(text: string, env: Record<string, string> = {}, name = 'g.yaml'): LiveSettings {
  if (name === 'g.yaml') writeFileSync(join(folder, name), text);
  const sources = { env: { GATEWAY_CONFIG_FILE: name, ...env }, cwd: folder };
  const { settings, files } = loadSettings(sources);
  const live = new LiveSettings(settings);
  reload = new SettingsReload(live, sources, files, (result, detail) => results.push([result, detail]), POLL_MS);
  reload.start();
  return live;
}
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < 200 && !holds(); turns++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

it('an edit of the file puts new settings in force', async () => {
  const live = running('max_attempts: 2\n');
  writeFileSync(join(folder, 'g.yaml'), 'max_attempts: 7\n');
  await until(() => live.current.resilience.attemptsMax === 7);
  expect(live.current.revision).toBe(2);
  expect(results).toEqual([['ok', []]]);
});

it('a faulty file is refused whole, and a later good one is taken', async () => {
  const live = running('max_attempts: 2\n');
  const before = live.current;
  writeFileSync(join(folder, 'g.yaml'), 'max_attempts: 7\nreplicas: x\n');
  await until(() => results.length === 1);
  expect(live.current).toBe(before);
  expect(results[0]).toEqual(['refused', [expect.stringContaining('config error: replicas = "x"')]]);
  rmSync(join(folder, 'g.yaml'));
  await until(() => results.length === 2);
  expect(results[1]?.[0]).toBe('refused');
  writeFileSync(join(folder, 'g.yaml'), 'max_attempts: 7\n');
  await until(() => live.current.resilience.attemptsMax === 7);
});

it('SIGHUP reads everything again, until stopped', () => {
  const live = running('max_attempts: 2\n');
  writeFileSync(join(folder, '.env'), 'GATEWAY_REPLICAS=4\n');
  process.emit('SIGHUP');
  expect(live.current.limits.replicas).toBe(4);
  reload?.stop();
  expect(process.listenerCount('SIGHUP')).toBe(0);
});

it('SIGHUP after an edit reads it once', async () => {
  const live = running('max_attempts: 2\n');
  writeFileSync(join(folder, 'g.yaml'), 'max_attempts: 3\n');
  process.emit('SIGHUP');
  expect(live.current.resilience.attemptsMax).toBe(3);
  await new Promise((resolve) => setTimeout(resolve, POLL_MS * 6));
  expect(results).toHaveLength(1);
});

it('what cannot change while running stays as it was, and is told', async () => {
  const live = running('port: 8000\nmax_attempts: 2\n');
  writeFileSync(
    join(folder, 'g.yaml'),
    'port: 8001\nworkers: 3\ndocs: false\nheader_timeout_seconds: 1\ntrusted_proxies: [10.0.0.1]\nredis_url: redis://h\nmax_attempts: 5\n',
  );
  await until(() => live.current.resilience.attemptsMax === 5);
  expect(live.current.server).toMatchObject({ port: 8000, workers: 1, docs: true, headerTimeoutMs: 15_000, trustedProxies: [] });
  expect(live.current.limits.redisUrl).toBeUndefined();
  expect(results[0]?.[1].map((line) => line.split(' ')[0])).toEqual([
    'GATEWAY_PORT',
    'GATEWAY_WORKERS',
    'GATEWAY_DOCS',
    'GATEWAY_HEADER_TIMEOUT_SECONDS',
    'GATEWAY_TRUSTED_PROXIES',
    'GATEWAY_REDIS_URL',
  ]);
});

it('the default key never comes into force on a socket that others can reach', async () => {
  const live = running('host: 0.0.0.0\napi_keys: [own-key]\n');
  writeFileSync(join(folder, 'g.yaml'), 'max_attempts: 5\n');
  await until(() => results.length === 1);
  expect(results[0]).toEqual(['refused', [expect.stringContaining('GATEWAY_API_KEYS')]]);
  expect(live.current.auth.apiKeys).toEqual(['own-key']);
});

it('links that Kubernetes swaps are followed', async () => {
  for (const [version, attempts] of [
    ['v1', 2],
    ['v2', 6],
  ] as const) {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'g.yaml'), `max_attempts: ${attempts}\n`);
  }
  symlinkSync('v1', join(folder, '..data'));
  symlinkSync('..data/g.yaml', join(folder, 'linked.yaml'));
  const live = running('', {}, 'linked.yaml');
  symlinkSync('v2', join(folder, '..next'));
  renameSync(join(folder, '..next'), join(folder, '..data'));
  await until(() => live.current.resilience.attemptsMax === 6);
});

it('a secret that changes in its file is taken', async () => {
  writeFileSync(join(folder, 'keys'), 'old\n');
  const live = running('max_attempts: 2\n', { GATEWAY_API_KEYS_FILE: 'keys' });
  writeFileSync(join(folder, 'keys'), 'fresh\n');
  await until(() => live.current.auth.apiKeys[0] === 'fresh');
});

it('fifty edits in a row end with the last in force', async () => {
  const live = running('max_attempts: 1\n');
  for (let edit = 1; edit <= 50; edit++) {
    writeFileSync(join(folder, 'g.yaml'), `max_attempts: ${edit}\n`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  await until(() => live.current.resilience.attemptsMax === 50);
});
