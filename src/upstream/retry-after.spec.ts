import { retryAfterMs } from './retry-after.js';

const NOW = Date.UTC(2026, 9, 21, 7, 28, 0);

it.each([
  ['0', 0],
  ['7', 7_000],
  [' 7 ', 7_000],
  ['"7"', 7_000],
  ['+7', 7_000],
  ['1.5', 1_500],
  ['.25', 250],
  ['0.0001', 1],
  ['7, 9', 7_000],
  ['3600', 60_000],
  ['1e3', 60_000],
  ['99999999', 60_000],
  ['-5', 0],
  ['2s', 2_000],
  ['2 s', 2_000],
  ['2 seconds', 2_000],
  ['1m30s', 60_000],
  ['0m30s', 30_000],
  ['120ms', 120],
  ['449.999999ms', 450],
  ['6m0s', 60_000],
  ['1h', 60_000],
  [String(NOW / 1_000 + 12), 12_000],
  [String(NOW + 1_500), 1_500],
  ['Wed, 21 Oct 2026 07:28:09 GMT', 9_000],
  ['Wednesday, 21-Oct-26 07:28:09 GMT', 9_000],
  ['Wed Oct 21 07:28:09 2026', 9_000],
  ['2026-10-21T07:28:09Z', 9_000],
  ['2026-10-21T09:28:09+02:00', 9_000],
  ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
  ['Wed, 21 Oct 2036 07:28:09 GMT', 60_000],
  ['', undefined],
  ['soon', undefined],
  ['NaN', undefined],
  ['Infinity', undefined],
  ['0x10', undefined],
  ['1 2', undefined],
  ['5 apples', undefined],
  ['null', undefined],
  ['try 5', undefined],
  ['99:99:99', undefined],
  ['9'.repeat(400), 60_000],
  ['1s'.repeat(5_000), undefined],
])('retry-after: %.40s is %s ms', (text, ms) => {
  expect(retryAfterMs({ 'retry-after': text }, NOW)).toBe(ms);
});

it.each([
  ['milliseconds come first', { 'retry-after-ms': '250', 'retry-after': '7' }, 250],
  ['milliseconds may be fractions', { 'retry-after-ms': '250.2' }, 251],
  ['junk in milliseconds leaves the seconds', { 'retry-after-ms': 'soon', 'retry-after': '7' }, 7_000],
  ['a date counts from the date of the answer', { date: 'Tue, 20 Oct 2026 00:00:00 GMT', 'retry-after': 'Tue, 20 Oct 2026 00:00:04 GMT' }, 4_000],
  [
    'of resets, that of the limit which is used up',
    {
      'x-ratelimit-reset-requests': '5m45.6s',
      'x-ratelimit-remaining-requests': '14',
      'x-ratelimit-reset-tokens': '2.5s',
      'x-ratelimit-remaining-tokens': '0',
    },
    2_500,
  ],
  [
    'of resets without more words, the shortest',
    { 'x-ratelimit-reset-requests': '12', 'x-ratelimit-reset-tokens': '3', 'x-ratelimit-reset-images': '0s' },
    3_000,
  ],
  ['a reset with a longer name', { 'x-ratelimit-reset-tokens-minute': '58.8', 'x-ratelimit-remaining-tokens-minute': '0' }, 58_800],
  ['a reset that is over says nothing', { 'x-ratelimit-reset-tokens': '0s' }, undefined],
  ['a reset comes after retry-after', { 'retry-after': '1', 'x-ratelimit-reset-tokens': '9s' }, 1_000],
  ['nothing said', {}, undefined],
])('%s', (_name, headers, ms) => {
  expect(retryAfterMs(headers as Record<string, string>, NOW)).toBe(ms);
});
