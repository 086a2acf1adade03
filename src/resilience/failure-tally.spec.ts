import { FailureTally } from './failure-tally.js';

it('opens at the failure that makes the row full, not before', () => {
  const tally = new FailureTally();
  expect(Array.from({ length: 5 }, (_, index) => tally.failed(`p${index}`, true, 5))).toEqual([false, false, false, false, true]);
  expect(tally.failures).toBe(5);
});

it('the failures of one of several callers prove nothing, however many', () => {
  const tally = new FailureTally();
  for (let failure = 0; failure < 100; failure++) expect(tally.failed('one', true, 5)).toBe(false);
  expect(tally.failed('other', true, 5)).toBe(true);
});

it('a lone caller is believed', () => {
  const tally = new FailureTally();
  for (let failure = 1; failure < 5; failure++) expect(tally.failed('one', false, 5)).toBe(false);
  expect(tally.failed('one', false, 5)).toBe(true);
});

it('forgets the row and whose it was', () => {
  const tally = new FailureTally();
  tally.failed('one', true, 2);
  tally.reset();
  expect(tally.failures).toBe(0);
  tally.failed('other', true, 2);
  expect(tally.failed('other', true, 2)).toBe(false);
});
