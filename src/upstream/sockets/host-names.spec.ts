import type { LookupAddress } from 'node:dns';
import { HandClock } from '../../../test/doubles/hand-clock.js';
import { HostNames, type NameSources } from './host-names.js';
import type { KnownAddresses } from './known-addresses.js';

const FIRST = [{ address: '127.0.0.1', family: 4 }];
const SECOND = [{ address: '127.0.0.2', family: 4 }];
const never = new Promise<never>(() => undefined);
const failing = (code: string): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));
const told = (addresses: LookupAddress[], ttlMs = 0): Promise<KnownAddresses> => Promise.resolve({ addresses, ttlMs, isFromServers: true });

const clock = new HandClock();

function names(servers: NameSources['servers'], system: NameSources['system'] = () => failing('ENOTFOUND')): HostNames {
  return new HostNames({ system, servers }, 10, clock);
}

/** The answers of the name servers, one after the other; then silence. */
function inTurn(...answers: (() => Promise<KnownAddresses>)[]): NameSources['servers'] {
  return () => answers.shift()?.() ?? never;
}

it('asks anew when the time is up that an answer holds for, and never two questions about one name at once', async () => {
  let asked = 0;
  const found = names(() => told([FIRST, SECOND][asked++] ?? [], 1_000));
  expect(await Promise.all([found.addresses('a'), found.addresses('a')])).toEqual([FIRST, FIRST]);
  clock.advance(900);
  expect(await found.addresses('a')).toEqual(FIRST);
  clock.advance(200);
  expect(await found.addresses('a')).toEqual(SECOND);
  expect(asked).toBe(2);
});

it('asks anew, however long an answer was to hold, once its addresses could not be reached', async () => {
  const found = names(
    inTurn(
      () => told(FIRST, 5_000),
      () => told(SECOND, 5_000),
    ),
  );
  expect(await found.addresses('a')).toEqual(FIRST);
  found.doubt('a');
  found.doubt('never asked for');
  expect(await found.addresses('a')).toEqual(SECOND);
  expect(await found.addresses('a')).toEqual(SECOND);
});

it('believes no answer for longer than five seconds', async () => {
  const found = names(
    inTurn(
      () => told(FIRST, 3_600_000),
      () => told(SECOND),
    ),
  );
  await found.addresses('a');
  clock.advance(5_001);
  expect(await found.addresses('a')).toEqual(SECOND);
});

it.each(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED', 'EBADNAME'])('asks the system what the name servers answer with %s', async (code) => {
  expect(
    await names(
      () => failing(code),
      async () => SECOND,
    ).addresses('a'),
  ).toEqual(SECOND);
});

it('helps a name out by the system when the name servers are silent', async () => {
  expect(
    await names(
      () => never,
      async () => SECOND,
    ).addresses('a'),
  ).toEqual(SECOND);
});

it('asks the system one question at a time, and none of them twice', async () => {
  const asked: string[] = [];
  const answers: ((addresses: LookupAddress[]) => void)[] = [];
  const found = names(
    () => failing('ENOTFOUND'),
    (name) => (asked.push(name), new Promise((resolve) => answers.push(resolve))),
  );
  const all = ['a', 'b', 'a', 'b'].map((name) => found.addresses(name));
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(asked).toEqual(['a']);
  answers[0]?.(FIRST);
  expect(await all[0]).toEqual(FIRST);
  await new Promise(setImmediate);
  expect(asked).toEqual(['a', 'b']);
  answers[1]?.(SECOND);
  expect(await Promise.all(all)).toEqual([FIRST, SECOND, FIRST, SECOND]);
});

it('goes by what was last known while the name servers are silent or out of order', async () => {
  const found = names(
    inTurn(
      () => told(FIRST),
      () => failing('ESERVFAIL'),
      () => failing('ETIMEOUT'),
    ),
  );
  for (let question = 0; question < 4; question++) {
    expect(await found.addresses('a')).toEqual(FIRST);
    clock.advance(10_000);
  }
});

it('waits once for a name that has fallen silent, and not with every call', async () => {
  let asked = 0;
  const found = names(() => (asked++ === 0 ? told(FIRST) : never));
  for (let question = 0; question < 50; question++) expect(await found.addresses('a')).toEqual(FIRST);
  expect(asked).toBe(2);
});

it('asks the system for no silent name while the name servers answer for others, so that it is free for those that only it knows', async () => {
  const asked: string[] = [];
  const found = names(
    (name) => (name === 'good' ? told(FIRST) : name === 'own' ? failing('ENOTFOUND') : never),
    (name) => (asked.push(name), Promise.resolve(SECOND)),
  );
  await found.addresses('good');
  const hung = found.addresses('hung');
  expect(await Promise.race([hung, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))])).toBe('waits');
  expect(await found.addresses('own')).toEqual(SECOND);
  expect(asked).toEqual(['own']);
});

it('begins with another address each time, and keeps the kinds apart', async () => {
  const found = names(() => told([...FIRST, { address: '::1', family: 6 }, ...SECOND, { address: '::2', family: 6 }], 60_000));
  const asked = (): Promise<string[]> =>
    new Promise((resolve) => found.lookup('a', { all: true }, (_error, all) => resolve((all as LookupAddress[]).map(({ address }) => address))));
  expect(await asked()).toEqual(['127.0.0.1', '127.0.0.2', '::1', '::2']);
  expect(await asked()).toEqual(['127.0.0.2', '127.0.0.1', '::2', '::1']);
  expect(await asked()).toEqual(['127.0.0.1', '127.0.0.2', '::1', '::2']);
});

it('tells of a name that nobody knows, although it was known once', async () => {
  const found = names(
    inTurn(
      () => told(FIRST),
      () => failing('ENOTFOUND'),
    ),
  );
  await found.addresses('a');
  await expect(found.addresses('a')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

it('tells the reason of the name servers when neither knows', async () => {
  const servers = (): Promise<never> => new Promise((_, reject) => setTimeout(reject, 30, Object.assign(new Error('late'), { code: 'ETIMEOUT' })));
  await expect(names(servers).addresses('a')).rejects.toMatchObject({ code: 'ETIMEOUT' });
});

it('answers a socket in the form and of the family that it asks for', async () => {
  const found = names(() => told([...FIRST, { address: '::1', family: 6 }]));
  const asked = (options: object): Promise<unknown[]> => new Promise((resolve) => found.lookup('a', options, (...heard) => resolve(heard)));
  expect(await asked({})).toEqual([null, '127.0.0.1', 4]);
  expect(await asked({ family: 6 })).toEqual([null, '::1', 6]);
  expect(await asked({ all: true, family: 'IPv4' })).toEqual([null, FIRST]);
  expect((await asked({ family: 9 }))[0]).toMatchObject({ code: 'ENOTFOUND' });
});
