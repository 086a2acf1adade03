import { rateLimitHeaders, resetText } from './rate-limit-headers.js';

it.each([
  [0, '0s'],
  [0.4, '1ms'],
  [119.2, '120ms'],
  [999, '999ms'],
  [999.5, '1s'],
  [1_000, '1s'],
  [1_000.000_01, '1s'],
  [1_001, '2s'],
  [59_000, '59s'],
  [59_001, '1m0s'],
  [60_000, '1m0s'],
  [61_000, '1m1s'],
  [360_000, '6m0s'],
  [3_600_000, '1h0m0s'],
])('%d ms until full are written %s, as OpenAI writes it', (ms, text) => expect(resetText(ms)).toBe(text));

it('names limit, rest and reset as OpenAI names them', () => {
  expect(rateLimitHeaders(60, { allowed: true, remaining: 59, resetMs: 1_000, retryAfterMs: 0 })).toEqual({
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': '59',
    'x-ratelimit-reset-requests': '1s',
  });
});
