import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { chat } from './chat.js';
import { openStream } from './open-stream.js';
import { until } from './until.js';

jest.setTimeout(60_000);

const SWAPS = 4;

/** Everything differs at once: who may, where `chat` goes, and how much `small` may. */
const settings = (side: 'old' | 'new'): string =>
  [
    `api_keys: [dev-key, ${side}-key]`,
    'rate_limit_per_minute: 0',
    'upstreams:',
    `  ${side}: { url: "mock://local", reply: "${side}" }`,
    '  slow: { url: "mock://local?tps=6" }',
    'route_policies:',
    `  chat: { strategy: weighted, targets: [{ name: ${side}, weight: 1 }] }`,
    '',
  ].join('\n');

describe('a ConfigMap that is swapped under a running gateway', () => {
  let folder: string;
  let gateway: GatewayProcess;
  let version = 0;

  /** As the kubelet does it: a folder of the new version, and one link renamed over the old one. */
  function mount(side: 'old' | 'new'): void {
    const name = `..v${++version}`;
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'gateway.yaml'), settings(side));
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  }
  const revision = async (): Promise<number> =>
    ((await (await fetch(`${gateway.url}/health`)).json()) as { settings_revision: number }).settings_revision;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nexus-mounted-'));
    mount('old');
    symlinkSync('..data/gateway.yaml', join(folder, 'gateway.yaml'));
    gateway = await startGateway({ GATEWAY_CONFIG_FILE: join(folder, 'gateway.yaml') });
  });
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is taken whole: no call fails, and none sees the keys of one version with the routes of the other', async () => {
    const answers = new Map<string, number>();
    let isOver = false;
    const client = async (key: string): Promise<void> => {
      while (!isOver) {
        const { status, text } = await chat(gateway.url, { key, model: 'chat' }).catch((error: unknown) => ({ status: 0, text: String(error) }));
        const said = /"content":"(\w+)"/.exec(text)?.[1] ?? text;
        const answer = status === 200 ? `${key}: ${said}` : `${key}: ${status}`;
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const clients = ['dev-key', 'dev-key', 'old-key', 'new-key'].map(client);
    const stream = await openStream(gateway.url, { model: 'slow' });
    let longest = 0;
    for (let swap = 0; swap < SWAPS; swap++) {
      mount(swap % 2 === 0 ? 'new' : 'old');
      longest = Math.max(longest, await until('the swap is in force', async () => (await revision()) === swap + 2, 5_000, 20));
    }
    isOver = true;
    await Promise.all(clients);
    expect(stream.status).toBe(200);
    expect((await stream.whole).trimEnd().endsWith('data: [DONE]')).toBe(true);

    const calls = [...answers.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(`  ${calls} calls over ${SWAPS} swaps, 0 failed or mixed; in force after ${longest.toFixed(0)} ms at most\n`);
    expect([...answers.keys()].toSorted()).toEqual(['dev-key: new', 'dev-key: old', 'new-key: 401', 'new-key: new', 'old-key: 401', 'old-key: old']);
    expect(calls).toBeGreaterThan(200);
  });

  it('one line for each swap names what changed, and never a key', async () => {
    const lines = (): string[] => gateway.logs().filter((line) => line.includes('"event":"settings"'));
    // A line may wait a moment for company before it is written.
    await until('every swap has its line', () => lines().length >= SWAPS);
    const told = lines();
    expect(told).toHaveLength(SWAPS);
    expect((JSON.parse(told[0] ?? '{}') as { changed: string[] }).changed.toSorted()).toEqual([
      'api_keys',
      'route_policies.chat',
      'upstreams.new (new)',
      'upstreams.old (gone)',
    ]);
    for (const line of told) expect(line).not.toMatch(/(old|new|dev)-key/);
  });
});
