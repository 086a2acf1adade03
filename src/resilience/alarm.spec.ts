import { Alarm } from './alarm.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function rung(): { readonly alarm: Alarm; readonly lateness: number[]; readonly clock: { skew: number; now(): number } } {
  const lateness: number[] = [];
  const clock = { skew: 0, now: () => performance.now() + clock.skew };
  return { alarm: new Alarm((lateMs) => lateness.push(lateMs), clock), lateness, clock };
}

it('rings once, when its time has come', () => {
  const { alarm, lateness } = rung();
  alarm.set(100);
  jest.advanceTimersByTime(98);
  expect(lateness).toEqual([]);
  jest.advanceTimersByTime(1_000);
  expect(lateness).toHaveLength(1);
});

it('does not ring while it is put off, and a putting-off sets no timer', () => {
  const { alarm, lateness } = rung();
  const { setTimeout: fake } = globalThis;
  let timers = 0;
  globalThis.setTimeout = Object.assign((...parts: Parameters<typeof fake>) => {
    timers += 1;
    return fake(...parts);
  }, fake);
  for (let event = 0; event < 500; event++) {
    alarm.set(100);
    jest.advanceTimersByTime(1);
  }
  globalThis.setTimeout = fake;
  expect(lateness).toEqual([]);
  expect(timers).toBeLessThan(10);
  jest.advanceTimersByTime(101);
  expect(lateness).toHaveLength(1);
});

it('rings early when it is told an earlier time', () => {
  const { alarm, lateness } = rung();
  alarm.set(10_000);
  alarm.set(50);
  jest.advanceTimersByTime(51);
  expect(lateness).toHaveLength(1);
  jest.advanceTimersByTime(20_000);
  expect(lateness).toHaveLength(1);
});

it('never rings when it is set to never, and holds nothing then', () => {
  const { alarm, lateness } = rung();
  alarm.set(100);
  alarm.set(Infinity);
  jest.advanceTimersByTime(1_000_000);
  expect(lateness).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

it('is silent and holds nothing once it is stopped, and can be set again', () => {
  const { alarm, lateness } = rung();
  alarm.set(100);
  alarm.stop();
  expect(jest.getTimerCount()).toBe(0);
  jest.advanceTimersByTime(1_000);
  expect(lateness).toEqual([]);
  alarm.set(100);
  jest.advanceTimersByTime(101);
  expect(lateness).toHaveLength(1);
});

it('may be set again while it rings', () => {
  const seen: number[] = [];
  const alarm: Alarm = new Alarm(() => {
    if (seen.push(performance.now()) < 3) alarm.set(100);
  });
  alarm.set(100);
  jest.advanceTimersByTime(1_000);
  expect(seen).toHaveLength(3);
});

it('tells how late it is when the process was too busy to notice', () => {
  const { alarm, lateness, clock } = rung();
  alarm.set(100);
  clock.skew = 250;
  jest.advanceTimersByTime(100);
  expect(lateness[0]).toBeCloseTo(250, -1);
});

it('takes a time that is over as now, and is not late for it', () => {
  const { alarm, lateness } = rung();
  alarm.set(0);
  jest.advanceTimersByTime(1);
  expect(lateness[0]).toBeLessThan(2);
});
