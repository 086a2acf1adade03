import { decisionOf, draw } from './token-bucket.js';

const charge = { bucket: 'b', capacity: 60, refillPerMinute: 60, cost: 1 };

it('remembers nothing of a full bucket', () => {
  expect(draw(undefined, 5000, charge)).toBe(draw(4000, 5000, charge));
  expect(draw(undefined, 5000, charge)).toBe(1000);
});

it('lets no clock and no lowered limit leave more than an empty bucket', () => {
  expect(draw(1e18, 0, charge)).toBe(-1 - 60_000);
  expect(decisionOf(draw(1e18, 0, charge), charge)).toEqual({ allowed: false, remaining: 0, resetMs: 60_000, retryAfterMs: 1000 });
});

it('admits a burst to the last token, whatever fractions add up to', () => {
  for (const limit of [3, 7, 11, 13, 59, 61, 97, 997, 9973]) {
    const one = { ...charge, capacity: limit, refillPerMinute: limit };
    let fullAt = 1_234_567.891;
    for (let taken = 0; taken < limit; taken++) {
      const verdict = draw(fullAt, 1_234_567.891, one);
      expect(verdict).toBeGreaterThanOrEqual(0);
      expect(decisionOf(verdict, one).remaining).toBe(limit - taken - 1);
      fullAt = 1_234_567.891 + verdict;
    }
    expect(draw(fullAt, 1_234_567.891, one)).toBeLessThan(0);
  }
});

it('tells a wait after which the charge fits, and not much before', () => {
  const fullAt = 60_000 - 250;
  const refused = decisionOf(draw(fullAt, 0, charge), charge);
  expect(refused).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 750 });
  expect(draw(fullAt, 750, charge)).toBeGreaterThanOrEqual(0);
  expect(draw(fullAt, 740, charge)).toBeLessThan(0);
});

it('holds a burst larger than what comes in a minute', () => {
  const wide = { bucket: 'b', capacity: 120, refillPerMinute: 60, cost: 100 };
  const first = draw(undefined, 0, wide);
  expect(decisionOf(first, wide)).toEqual({ allowed: true, remaining: 20, resetMs: 100_000, retryAfterMs: 0 });
  expect(decisionOf(draw(first, 0, wide), wide)).toMatchObject({ allowed: false, retryAfterMs: 80_000 });
});
