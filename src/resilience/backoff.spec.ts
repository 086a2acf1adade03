import { SeededRandom } from '../../test/doubles/seeded-random.js';
import { backoffMs } from './backoff.js';

const caps = [100, 200, 400, 800, 1600, 2000, 2000, 2000];

it.each(caps.map((capMs, index) => [index + 1, capMs]))('the wait before repeat %i is uniform between nothing and %i ms', (repeat, capMs) => {
  const random = new SeededRandom(repeat);
  const draws = Array.from({ length: 5_000 }, () => backoffMs(repeat, () => random.next()) / capMs).toSorted((one, other) => one - other);
  // Kolmogorov and Smirnov: at this distance the chance of a wrong alarm is one in a hundred, and the draws are the same in every run.
  const distance = Math.max(...draws.map((draw, index) => Math.max((index + 1) / draws.length - draw, draw - index / draws.length)));
  expect(distance).toBeLessThan(1.63 / Math.sqrt(draws.length));
});

it('never exceeds two seconds, whatever the repeat', () => {
  expect(backoffMs(2_000, () => 1)).toBe(2_000);
  expect(backoffMs(1, () => 0)).toBe(0);
});
