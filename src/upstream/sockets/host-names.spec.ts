import type { LookupAddress } from 'node:dns';
import { HostNames, type NameSources } from './host-names.js';

const FIRST = [{ address: '127.0.0.1', family: 4 }];
const SECOND = [{ address: '127.0.0.2', family: 4 }];
const never = new Promise<never>(() => undefined);
const failing = (code: string): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));

function names(system: NameSources['system'], servers: NameSources['servers'] = () => failing('ENOTFOUND')): HostNames {
  return new HostNames({ system, servers }, 10);
}

it('asks anew each time, and never two questions about one name at once', async () => {
  let asked = 0;
  const found = names(async () => [FIRST, SECOND][asked++] ?? []);
  expect(await Promise.all([found.addresses('a'), found.addresses('a')])).toEqual([FIRST, FIRST]);
  expect(await found.addresses('a')).toEqual(SECOND);
  expect(asked).toBe(2);
});

it('helps a name out by the name servers when the system is held up', async () => {
  expect(
    await names(
      () => never,
      async () => SECOND,
    ).addresses('a'),
  ).toEqual(SECOND);
});

it('goes by what was last known when the system is held up, or the name servers are out of order', async () => {
  const answers: (() => Promise<LookupAddress[]>)[] = [async () => FIRST, () => failing('EAI_AGAIN'), () => never];
  const found = names(() => answers.shift()?.() ?? never);
  for (let question = 0; question < 3; question++) expect(await found.addresses('a')).toEqual(FIRST);
});

it('tells of a name that nobody knows, although it was known once', async () => {
  const answers = [async () => FIRST, () => failing('ENOTFOUND')];
  const found = names(() => answers.shift()?.() ?? never);
  await found.addresses('a');
  await expect(found.addresses('a')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

it('tells the system’s reason when neither knows', async () => {
  const system = (): Promise<never> => new Promise((_, reject) => setTimeout(reject, 30, Object.assign(new Error('late'), { code: 'EAI_FAIL' })));
  await expect(names(system).addresses('a')).rejects.toMatchObject({ code: 'EAI_FAIL' });
});

it('answers a socket in the form and of the family that it asks for', async () => {
  const found = names(async () => [...FIRST, { address: '::1', family: 6 }]);
  const asked = (options: object): Promise<unknown[]> => new Promise((resolve) => found.lookup('a', options, (...told) => resolve(told)));
  expect(await asked({})).toEqual([null, '127.0.0.1', 4]);
  expect(await asked({ family: 6 })).toEqual([null, '::1', 6]);
  expect(await asked({ all: true, family: 'IPv4' })).toEqual([null, FIRST]);
  expect((await asked({ family: 9 }))[0]).toMatchObject({ code: 'ENOTFOUND' });
});
