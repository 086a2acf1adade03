import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NameServer, type NameRecord } from '../../../test/doubles/name-server.js';
import { NameServers } from './name-servers.js';

let folder: string;
let server: NameServer | undefined;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'names-'))));
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server?.close();
  server = undefined;
});

async function names(records: { [name: string]: NameRecord }, hosts = '', search = ''): Promise<NameServers> {
  server = await NameServer.start(records);
  const places = { hostsPath: join(folder, 'hosts'), searchPath: join(folder, 'resolv.conf') };
  writeFileSync(places.hostsPath, hosts);
  writeFileSync(places.searchPath, search);
  return new NameServers({ ...places, servers: [server.address], silenceMs: 300 });
}

it('gives the addresses of both kinds, and for how long they hold', async () => {
  const found = await names({ 'both.test': { addresses: ['10.0.0.1', '10.0.0.2', 'fd00::1'], ttl: 7 } });
  expect(await found.addresses('Both.test')).toEqual({
    addresses: [
      { address: '10.0.0.1', family: 4 },
      { address: '10.0.0.2', family: 4 },
      { address: 'fd00::1', family: 6 },
    ],
    ttlMs: 7_000,
    isFromServers: true,
  });
});

it('asks nobody for what the hosts file says, nor for localhost', async () => {
  const found = await names({}, '10.1.1.1 here.test\n');
  expect(await found.addresses('here.TEST')).toMatchObject({ addresses: [{ address: '10.1.1.1', family: 4 }] });
  expect((await found.addresses('localhost')).addresses.map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
  expect(server?.asked).toEqual([]);
});

it('makes a short name whole by the domains of the system', async () => {
  const found = await names({ 'llama.space.svc.test': { addresses: ['10.0.0.9'] } }, '', 'search other.test svc.test\noptions ndots:3\n');
  expect((await found.addresses('llama.space')).addresses).toEqual([{ address: '10.0.0.9', family: 4 }]);
  expect(server?.asked.filter((question) => question.startsWith('A '))).toEqual(['A llama.space.other.test', 'A llama.space.svc.test']);
});

it('does not wait for a kind that the server never answers for', async () => {
  const found = await names({ 'four.test': { addresses: ['10.0.0.1'], silentOn: 'AAAA' } });
  const patience = new Promise((resolve) => setTimeout(resolve, 600, 'late').unref());
  expect(await Promise.race([found.addresses('four.test'), patience])).toMatchObject({ addresses: [{ address: '10.0.0.1', family: 4 }] });
});

it.each<[string, { [name: string]: NameRecord }, string]>([
  ['does not exist', {}, 'ENOTFOUND'],
  ['has no address', { 'a.test': { addresses: [] } }, 'ENODATA'],
  ['fails at the server', { 'a.test': 'fails' }, 'ESERVFAIL'],
  ['the server is silent about', { 'a.test': 'silent' }, 'ETIMEOUT'],
])('tells of a name that %s', async (_what, records, code) => {
  const found = await names(records);
  await expect(found.addresses('a.test')).rejects.toMatchObject({ code });
});

it('many silent names hold up no other', async () => {
  const hung = Array.from({ length: 20 }, (_, index) => `hung${index}.test`);
  const found = await names({ ...Object.fromEntries(hung.map((name) => [name, 'silent' as const])), 'good.test': { addresses: ['10.0.0.1'] } });
  const waiting = Promise.allSettled(hung.map((name) => found.addresses(name)));
  let over = false;
  void waiting.then(() => (over = true));
  for (let question = 0; question < 20; question++) expect((await found.addresses('good.test')).addresses).toHaveLength(1);
  expect(over).toBe(false);
  expect((await waiting).every(({ status }) => status === 'rejected')).toBe(true);
});
