import { HandClock } from '../../test/doubles/hand-clock.js';
import { FailureRate } from './failure-rate.js';

function counted(rate: FailureRate, calls: number, failures: number): void {
  for (let call = 0; call < calls; call++) rate.count(call < failures);
}

it('says nothing of fewer than twenty calls', () => {
  const rate = new FailureRate(new HandClock());
  counted(rate, 19, 19);
  expect(rate.percent).toBe(0);
  rate.count(false);
  expect(rate.percent).toBe(95);
});

it('forgets what is older than half a minute, and nothing younger than 27 s', () => {
  const clock = new HandClock();
  const rate = new FailureRate(clock);
  counted(rate, 40, 40);
  clock.advance(26_999);
  expect(rate.percent).toBe(100);
  clock.advance(3_001);
  expect(rate.percent).toBe(0);
});

it('is a moving share: old slices make room for new ones', () => {
  const clock = new HandClock();
  const rate = new FailureRate(clock);
  for (let second = 0; second < 300; second++) {
    counted(rate, 10, second < 150 ? 10 : 2);
    clock.advance(1_000);
  }
  expect(rate.percent).toBeCloseTo(20, 5);
});

it('starts afresh when it is told to', () => {
  const rate = new FailureRate(new HandClock());
  counted(rate, 100, 100);
  rate.reset();
  expect(rate.percent).toBe(0);
  counted(rate, 20, 5);
  expect(rate.percent).toBe(25);
});

it('takes any start of the clock', () => {
  const rate = new FailureRate(new HandClock(-10_000_001));
  counted(rate, 20, 10);
  expect(rate.percent).toBe(50);
});
