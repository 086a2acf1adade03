import { Findings } from './findings.js';
import { Place } from './place.js';
import { checkProxies, resolveKeys, resolvePolicies } from './resolve-access.js';

const proxies = (...blocks: string[]): Findings => {
  const findings = new Findings();
  checkProxies(blocks, Place.variable('GATEWAY_TRUSTED_PROXIES'), findings);
  return findings;
};

it.each(['10.0.0.0/8', '192.168.1.1', '::1', 'fd00::/8', '0.0.0.0/32'])('%s is a proxy that can be trusted', (block) => {
  expect(proxies(block)).toMatchObject({ mistakes: [], warnings: [] });
});

it.each([
  '1',
  'true',
  'loopback',
  'proxy.internal',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '::1/129',
  '::ffff:10.0.0.0/8',
  '010.0.0.1',
  '10.0.0',
  'fe80::1%eth0',
])('%s is refused', (block) => {
  expect(proxies(block).mistakes).toEqual([expect.objectContaining({ path: 'GATEWAY_TRUSTED_PROXIES', found: JSON.stringify(block) })]);
});

it('trusting everybody is warned of', () => {
  expect(proxies('0.0.0.0/0').warnings).toEqual([expect.stringContaining('believes everybody')]);
});

it('a policy for a name that is no key is a warning that says who it may be, and never the name', () => {
  for (const hasTokens of [true, false]) {
    const findings = new Findings();
    resolvePolicies(new Map([['who', new Map([['allowed_models', ['gone']]])]]), Place.variable('P'), ['key'], hasTokens, () => false, findings);
    expect(findings.mistakes).toEqual([]);
    expect(findings.warnings).toEqual([
      hasTokens ? 'P.#1 is named by no key; it counts for a token with that sub' : 'P.#1 is named by no key and there are no tokens: it never counts',
      expect.stringContaining('P.#1.allowed_models[0] "gone" is neither a route nor an upstream'),
    ]);
  }
});

it('a key that stands there twice is told with the number of the first, and no key is looked at anew for each of the others', () => {
  const findings = new Findings();
  let looks = 0;
  const keys = new Proxy(
    Array.from({ length: 1_000 }, (_, index) => `key-${index % 999}`),
    { get: (all, name, self) => (looks++, Reflect.get(all, name, self) as unknown) },
  );
  resolveKeys(keys, Place.variable('K'), '127.0.0.1', undefined, false, findings);
  expect(findings.mistakes).toEqual([expect.objectContaining({ path: 'K[999]', reason: 'is the same key as number 1' })]);
  resolvePolicies(new Map(keys.map((key) => [key, new Map()])), Place.variable('P'), keys, false, () => true, findings);
  expect(findings.warnings).toEqual([]);
  expect(looks).toBeLessThan(20 * keys.length);
});

it.each(['__proto__', 'constructor', 'toString', '', ' ', 'a\nb', 'x'.repeat(201)])('a policy for %j is refused', (name) => {
  const findings = new Findings();
  resolvePolicies(new Map([[name, new Map()]]), Place.variable('P'), [], true, () => true, findings);
  expect(findings.mistakes).toHaveLength(1);
});
