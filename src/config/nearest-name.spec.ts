import { nearestName } from './nearest-name.js';

it.each([
  ['prot', 'port'],
  ['PORT', 'port'],
  ['rate_limit', 'rate_limit_per_minute'],
  ['limts_rate', 'rate_limit_per_minute'],
  ['timeout', 'timeout_seconds'],
  ['xyzzy', undefined],
  ['', undefined],
])('%s is meant to be %s', (name, expected) => {
  expect(nearestName(name, ['port', 'rate_limit_per_minute', 'timeout_seconds'])).toBe(expected);
});

it.each([
  ['c', undefined],
  ['ab', undefined],
  ['bta', 'beta'],
  ['A', 'a'],
  ['a-b', undefined],
  ['gamma-2', 'gamma-1'],
])('of short names, only a near one: %s is meant to be %s', (name, expected) => {
  expect(nearestName(name, ['a', 'b', 'beta', 'gamma-1'])).toBe(expected);
});
