import { RetryBudget } from './retry-budget.js';

function repeatsOf(calls: number, percent: number): number {
  const budget = new RetryBudget();
  let repeats = 0;
  for (let call = 0; call < calls; call++) {
    budget.deposit(percent);
    if (budget.tryRetry()) repeats += 1;
  }
  return repeats;
}

it('a few repeats are free, so that a quiet upstream has some too', () => {
  const budget = new RetryBudget();
  expect(Array.from({ length: 4 }, () => budget.tryRetry())).toEqual([true, true, true, false]);
});

it.each([10, 100, 1_500])('of %i calls that all fail, at most a fifth and three are repeated', (calls) => {
  expect(repeatsOf(calls, 20)).toBeLessThanOrEqual(calls * 0.2 + 3);
  expect(repeatsOf(calls, 20)).toBeGreaterThanOrEqual(Math.floor(calls * 0.2));
});

it('at no percent there is nothing beyond the first few', () => {
  expect(repeatsOf(1_000, 0)).toBe(3);
});

it('good times are not saved up without end', () => {
  const budget = new RetryBudget();
  for (let call = 0; call < 100_000; call++) budget.deposit(20);
  let repeats = 0;
  while (repeats < 1_000 && budget.tryRetry()) repeats += 1;
  expect(repeats).toBe(10);
});
