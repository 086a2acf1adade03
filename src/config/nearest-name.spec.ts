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
