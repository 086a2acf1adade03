import { chargeOf, rateLimitStoreContract } from '../../test/contracts/rate-limit-store.js';
import { MemoryRateLimitStore } from './memory-rate-limit-store.js';

function storeAndClock(): { store: MemoryRateLimitStore; clock: { time: number; now(): number } } {
  const clock = { time: 1_000_000, now: () => clock.time };
  return { store: new MemoryRateLimitStore(clock), clock };
}

rateLimitStoreContract('memory', async () => {
  const { store, clock } = storeAndClock();
  return {
    store,
    other: store,
    pass: async (ms) => {
      clock.time += ms;
    },
    close: () => store.close(),
  };
});

it('answers at once, without a promise', () => {
  const { store } = storeAndClock();
  expect(store.take(chargeOf(60, 'a'))).toEqual({ allowed: true, remaining: 59, resetMs: 1000, retryAfterMs: 0 });
  expect(store.status).toBe('none');
});

it('holds the law at any edge of a minute', () => {
  const { store, clock } = storeAndClock();
  const admitted = (): number => Array.from({ length: 300 }, () => store.take(chargeOf(100, 'a')).allowed).filter(Boolean).length;
  clock.time += 59_900;
  expect(admitted()).toBe(100);
  clock.time += 200;
  expect(admitted()).toBe(0);
  clock.time += 400;
  expect(admitted()).toBe(1);
});

it('forgets buckets that are full again: strangers in any number leave a bounded table', () => {
  const { store, clock } = storeAndClock();
  let largest = 0;
  for (let stranger = 0; stranger < 200_000; stranger++) {
    store.take(chargeOf(60, `stranger:${stranger}`));
    clock.time += 0.5;
    largest = Math.max(largest, store.size);
  }
  // 2000 are in debt at any time.
  expect(largest).toBeLessThan(10_000);
});

it('remembers those that are not', () => {
  const { store, clock } = storeAndClock();
  for (let taken = 0; taken < 60; taken++) store.take(chargeOf(60, 'busy'));
  for (let stranger = 0; stranger < 1000; stranger++) store.take(chargeOf(60_000, `stranger:${stranger}`));
  clock.time += 500;
  for (let stranger = 0; stranger < 1000; stranger++) store.take(chargeOf(60_000, `other:${stranger}`));
  expect(store.take(chargeOf(60, 'busy')).allowed).toBe(false);
});

it('remembers no bucket that was only looked at', () => {
  const { store } = storeAndClock();
  for (let stranger = 0; stranger < 1000; stranger++) expect(store.peek(chargeOf(60, `stranger:${stranger}`))).toMatchObject({ remaining: 60 });
  expect(store.size).toBe(0);
});
