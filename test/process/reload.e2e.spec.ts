import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { chat } from './chat.js';
import { type Load, load } from './load.js';
import { openStream } from './open-stream.js';
import { childrenOf, isAlive } from './process-table.js';
import { scrape } from './scrape.js';
import { twoWorkers } from './two-workers.js';
import { until } from './until.js';

const IN_FORCE_BAR_MS = 5_000;

jest.setTimeout(30_000);

const settings = (reply: string, more = ''): string =>
  `rate_limit_per_minute: 0\nupstreams:\n  mock: { url: "mock://local", reply: "${reply}" }\n  short: { url: "mock://local?tps=12" }\n${more}`;

describe.each(['1', '2'])('a gateway with a settings file (%s workers)', (workers) => {
  let folder: string;
  let file: string;
  let gateway: GatewayProcess;
  let traffic: Load;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nexus-settings-'));
    file = join(folder, 'gateway.yaml');
    writeFileSync(file, settings('first'));
    gateway = await (workers === '1' ? startGateway : twoWorkers)({ GATEWAY_CONFIG_FILE: file });
    traffic = load(gateway.url, 8);
  });
  afterAll(async () => {
    await traffic.stop();
    expect(await gateway.stop()).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });

  const says = async (): Promise<string> => /"content":"(\w+)"/.exec((await chat(gateway.url)).text)?.[1] ?? 'nothing';
  /** As every worker has it: so many answers on connections of their own. */
  const allSay = async (reply: string): Promise<boolean> => (await Promise.all(Array.from({ length: 6 }, says))).every((said) => said === reply);
  const changes = (): { result: string; details: string[]; changed: string[]; revision: number }[] =>
    gateway
      .logs()
      .map((line) => JSON.parse(line) as { event?: string; result: string; details: string[]; changed: string[]; revision: number })
      .filter(({ event }) => event === 'settings');

  it('puts an edit in force by itself, while a running stream goes on', async () => {
    expect(await allSay('first')).toBe(true);
    const stream = await openStream(gateway.url, { model: 'short' });
    writeFileSync(file, settings('second'));
    const took = await until('the edit is in force', () => allSay('second'), IN_FORCE_BAR_MS, 50);
    process.stdout.write(`  in force after ${took.toFixed(0)} ms (bar ${IN_FORCE_BAR_MS})\n`);
    expect((await stream.whole).trimEnd().endsWith('data: [DONE]')).toBe(true);
    await until('one line tells', () => changes().length > 0);
    expect(changes()).toEqual([expect.objectContaining({ result: 'ok', changed: ['upstreams.mock'], revision: 2 })]);
    expect(await (await fetch(`${gateway.url}/health`)).json()).toMatchObject({ settings_revision: 2 });
    expect(await scrape(gateway.url, 'nexus_config_reload_total', 'result="ok"')).toBe(1);
  });

  it('takes a file that was put in the place of the old one', async () => {
    writeFileSync(`${file}.new`, settings('third'));
    renameSync(`${file}.new`, file);
    await until('the edit is in force', () => allSay('third'), IN_FORCE_BAR_MS, 50);
  });

  it('refuses a faulty file whole, keeps the old settings, and says so', async () => {
    writeFileSync(file, settings('fourth', 'rate_limit_per_minut: 3\ndefault_upstream: nowhere\n'));
    await until('one line tells', () => changes().at(-1)?.result === 'refused', IN_FORCE_BAR_MS);
    const told = changes().at(-1)?.details.join('\n') ?? '';
    expect(told).toContain('rate_limit_per_minut');
    expect(told).toContain('nowhere');
    expect(changes().filter(({ result }) => result === 'refused')).toHaveLength(1);
    expect(await scrape(gateway.url, 'nexus_config_reload_total', 'result="refused"')).toBe(1);
    expect(await allSay('third')).toBe(true);
  });

  it('reads the file again on SIGHUP', async () => {
    const ok = changes().filter(({ result }) => result === 'ok').length;
    writeFileSync(file, settings('fifth'));
    process.kill(gateway.pid, 'SIGHUP');
    await until('the edit is in force', () => allSay('fifth'), IN_FORCE_BAR_MS, 50);
    process.kill(gateway.pid, 'SIGHUP');
    await until('another line tells', () => changes().filter(({ result }) => result === 'ok').length >= ok + 2, IN_FORCE_BAR_MS);
    expect(isAlive(gateway.pid)).toBe(true);
    expect(childrenOf(gateway.pid)).toHaveLength(workers === '1' ? 0 : Number(workers));
  });

  it('failed no request meanwhile', () => {
    expect(traffic.failures).toEqual([]);
    expect(traffic.ended).toBeGreaterThan(100);
  });
});
