import { HandClock } from '../../test/doubles/hand-clock.js';
import { Rest } from './rest.js';

let clock: HandClock;
let rest: Rest;

beforeEach(() => {
  clock = new HandClock();
  rest = new Rest(clock);
});

it('lasts as long as was asked', () => {
  expect(rest.leftMs).toBe(0);
  rest.begin(7_000);
  expect(rest.leftMs).toBe(7_000);
  clock.advance(6_999);
  expect(rest.leftMs).toBe(1);
  clock.advance(1);
  expect(rest.leftMs).toBe(0);
});

it('is not shortened by a shorter wish, and lengthened by a longer one', () => {
  rest.begin(10_000);
  rest.begin(1_000);
  expect(rest.leftMs).toBe(10_000);
  rest.begin(20_000);
  expect(rest.leftMs).toBe(20_000);
});

it('without a wish it lasts a second, doubling to thirty', () => {
  const lasted = Array.from({ length: 8 }, () => {
    rest.begin(undefined);
    const { leftMs } = rest;
    clock.advance(leftMs);
    return leftMs;
  });
  expect(lasted).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

it('does not double for calls that were under way when it began', () => {
  for (let call = 0; call < 100; call++) rest.begin(undefined);
  expect(rest.leftMs).toBe(1_000);
  clock.advance(1_000);
  rest.begin(undefined);
  expect(rest.leftMs).toBe(2_000);
});

it('begins with a second again once it served', () => {
  rest.begin(undefined);
  clock.advance(1_000);
  rest.begin(undefined);
  clock.advance(2_000);
  rest.over();
  rest.begin(undefined);
  expect(rest.leftMs).toBe(1_000);
});

it('a wish for no rest is no rest', () => {
  rest.begin(0);
  expect(rest.leftMs).toBe(0);
});
