import { RedisWatch } from './redis-watch.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A Redis that takes its time, or does not answer at all. */
function watched(): { watch: RedisWatch; states: boolean[]; redis: { answersAfterMs: number | undefined; fails: boolean; probes: number } } {
  const states: boolean[] = [];
  const redis: { answersAfterMs: number | undefined; fails: boolean; probes: number } = { answersAfterMs: 1, fails: false, probes: 0 };
  const probe = (): Promise<unknown> => {
    redis.probes++;
    if (redis.fails) return Promise.reject(new Error('refused'));
    const { answersAfterMs } = redis;
    return new Promise((resolve) => {
      if (answersAfterMs !== undefined) setTimeout(resolve, answersAfterMs);
    });
  };
  const watch = new RedisWatch(probe, (up) => states.push(up));
  watch.watch();
  return { watch, states, redis };
}

it('believes the first good probe', async () => {
  const { watch, states } = watched();
  await jest.advanceTimersByTimeAsync(10);
  expect(watch.isUp).toBe(true);
  expect(states).toEqual([true]);
  watch.close();
});

it('stops asking at the first failure, once, and comes back by a probe alone', async () => {
  const { watch, states, redis } = watched();
  await jest.advanceTimersByTimeAsync(20_000);
  redis.fails = true;
  watch.failed();
  watch.failed();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(states).toEqual([true, false]);
  expect(redis.probes).toBeLessThanOrEqual(310);
  redis.fails = false;
  await jest.advanceTimersByTimeAsync(250);
  expect(states).toEqual([true, false, true]);
  watch.close();
});

it('does not trust a Redis that answers too late for a request', async () => {
  const { watch, states, redis } = watched();
  await jest.advanceTimersByTimeAsync(20_000);
  redis.answersAfterMs = 200;
  watch.failed();
  await jest.advanceTimersByTimeAsync(10_000);
  expect(states).toEqual([true, false]);
  redis.answersAfterMs = 80;
  await jest.advanceTimersByTimeAsync(500);
  expect(states).toEqual([true, false, true]);
  watch.close();
});

it('probes on when an answer is lost for ever', async () => {
  const { watch, states, redis } = watched();
  await jest.advanceTimersByTimeAsync(20_000);
  redis.answersAfterMs = undefined;
  watch.failed();
  await jest.advanceTimersByTimeAsync(1000);
  redis.answersAfterMs = 1;
  await jest.advanceTimersByTimeAsync(2000);
  expect(states).toEqual([true, false, true]);
  watch.close();
});

it('asks more of a Redis that comes and goes, so that a minute of flapping is few changes; and still has it back within five seconds', async () => {
  const { watch, states, redis } = watched();
  for (let second = 0; second < 60; second++) {
    redis.fails = second % 2 === 1;
    // Traffic meets every outage.
    for (let part = 0; part < 10; part++) {
      await jest.advanceTimersByTimeAsync(100);
      if (redis.fails) watch.failed();
    }
  }
  expect(states.length).toBeLessThanOrEqual(12);
  redis.fails = false;
  await jest.advanceTimersByTimeAsync(3000);
  expect(watch.isUp).toBe(true);
  watch.close();
});

it('is quiet after its close', async () => {
  const { watch, states, redis } = watched();
  watch.close();
  const { probes } = redis;
  await jest.advanceTimersByTimeAsync(10_000);
  expect([states, redis.probes]).toEqual([[], probes]);
  expect(jest.getTimerCount()).toBe(0);
});
