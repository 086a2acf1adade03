import { HandClock } from '../../test/doubles/hand-clock.js';
import { AuthFailureStorage } from './auth-failure-storage.js';

const MINUTE = 60_000;

describe('AuthFailureStorage', () => {
  it.each([1, 3, 7, 60, 600, 4_999])('lets exactly %d failures of a burst through', async (limit) => {
    const storage = new AuthFailureStorage(new HandClock());
    let passed = 0;
    for (let index = 0; index < limit + 5; index++) if (!(await storage.increment('a', MINUTE, limit)).isBlocked) passed += 1;
    expect(passed).toBe(limit);
  });

  it('says when the next one fits, in whole seconds, at least one', async () => {
    const clock = new HandClock();
    const storage = new AuthFailureStorage(clock);
    for (let index = 0; index < 6; index++) await storage.increment('a', MINUTE, 6);
    expect(await storage.increment('a', MINUTE, 6)).toMatchObject({ isBlocked: true, totalHits: 7, timeToBlockExpire: 10 });
    clock.advance(9_990);
    expect(await storage.increment('a', MINUTE, 6)).toMatchObject({ isBlocked: true, timeToBlockExpire: 1 });
    clock.advance(10);
    expect(await storage.increment('a', MINUTE, 6)).toMatchObject({ isBlocked: false, totalHits: 6 });
    expect(await storage.increment('a', MINUTE, 6)).toMatchObject({ isBlocked: true });
  });

  it('counts addresses apart', async () => {
    const storage = new AuthFailureStorage(new HandClock());
    await storage.increment('a', MINUTE, 1);
    expect((await storage.increment('a', MINUTE, 1)).isBlocked).toBe(true);
    expect((await storage.increment('b', MINUTE, 1)).isBlocked).toBe(false);
  });

  it('remembers so many addresses and no more, and forgets the one that failed longest ago', async () => {
    const clock = new HandClock();
    const storage = new AuthFailureStorage(clock, 100);
    for (let index = 0; index < 1_000; index++) {
      await storage.increment(`address-${index}`, MINUTE, 1);
      clock.advance(1);
    }
    expect(storage.addressCount).toBe(100);
    expect((await storage.increment('address-999', MINUTE, 1)).isBlocked).toBe(true);
    expect((await storage.increment('address-0', MINUTE, 1)).isBlocked).toBe(false);
  });

  it('does not forget an address that goes on failing while others come and go', async () => {
    const clock = new HandClock();
    const storage = new AuthFailureStorage(clock, 100);
    for (let index = 0; index < 10; index++) {
      expect((await storage.increment('steady', MINUTE, 10)).isBlocked).toBe(false);
      for (let other = 0; other < 90; other++) await storage.increment(`other-${index}-${other}`, MINUTE, 10);
    }
    expect((await storage.increment('steady', MINUTE, 10)).isBlocked).toBe(true);
  });

  it('drops addresses whose bucket is full again while others fail', async () => {
    const clock = new HandClock();
    const storage = new AuthFailureStorage(clock, 100);
    for (let index = 0; index < 50; index++) await storage.increment(`old-${index}`, MINUTE, 600);
    clock.advance(MINUTE);
    for (let index = 0; index < 30; index++) await storage.increment(`new-${index}`, MINUTE, 600);
    expect(storage.addressCount).toBe(30);
  });

  it('costs the same at any limit', async () => {
    const storage = new AuthFailureStorage(new HandClock());
    const time = async (limit: number) => {
      const begin = performance.now();
      for (let index = 0; index < 20_000; index++) await storage.increment(`at-${limit}`, MINUTE, limit);
      return performance.now() - begin;
    };
    await time(10);
    const [small, large] = [await time(100), await time(1_000_000)];
    expect(large).toBeLessThan(small * 5 + 20);
  });
});
