import type { Charge, RateDecision } from '../../src/contracts/rate-limit.js';
import type { RateLimitStore } from '../../src/policy/rate-limit-store.js';

export interface StoreUnderTest {
  readonly store: RateLimitStore;
  /** Another door to the same buckets; the same one where a store belongs to one process. */
  readonly other: RateLimitStore;
  /** Lets time pass for the store. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What every store of the limits keeps, wherever its buckets are. Real clocks run on while it is tested: figures leave room for that, upwards alone. */
export function rateLimitStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a store of rate limits`, () => {
    let opened: StoreUnderTest;
    let take: (charge: Charge, through?: RateLimitStore) => Promise<RateDecision>;

    beforeAll(async () => {
      opened = await open();
      take = async (charge, through = opened.store) => {
        const decision = await through.take(charge);
        if (decision === 'store_unavailable') throw new Error('The store is not available.');
        return decision;
      };
    });
    afterAll(async () => {
      await opened.close();
    });

    it('admits exactly the limit of a burst through two doors, ten times', async () => {
      for (let round = 0; round < 10; round++) {
        const charge = chargeOf(5, freshBucket());
        const doors = [opened.store, opened.other];
        const decisions = await Promise.all(Array.from({ length: 15 }, (_, index) => take(charge, doors[index % 2])));
        expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(5);
      }
    });

    it('counts down, then refuses and says when to come back', async () => {
      const charge = chargeOf(3, freshBucket());
      const decisions = [await take(charge), await take(charge), await take(charge), await take(charge)];
      expect(decisions.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
      ]);
      expect(decisions[0]?.resetMs).toBeCloseTo(20_000, -1);
      expect(decisions[0]?.retryAfterMs).toBe(0);
      expect(decisions[3]?.resetMs).toBeGreaterThan(59_000);
      expect(decisions[3]?.resetMs).toBeLessThanOrEqual(60_000);
      expect(decisions[3]?.retryAfterMs).toBeGreaterThan(19_000);
      expect(decisions[3]?.retryAfterMs).toBeLessThanOrEqual(20_000);
    });

    it('admits again after the time it named, and once', async () => {
      const charge = chargeOf(120, freshBucket());
      await Promise.all(Array.from({ length: 120 }, () => take(charge)));
      let refused = await take(charge);
      // A burst that took its time may have earned one more.
      for (let tries = 0; refused.allowed && tries < 10; tries++) refused = await take(charge);
      expect(refused.allowed).toBe(false);
      await opened.pass(refused.retryAfterMs + 2);
      expect((await take(charge)).allowed).toBe(true);
      expect((await take(charge)).allowed).toBe(false);
    });

    it('keeps to the law over time: the limit, and what came in since; and gives nearly all of it', async () => {
      const charge = chargeOf(6000, freshBucket());
      const began = performance.now();
      let passed = 0;
      let admitted = 0;
      for (let step = 0; step < 60; step++) {
        const decisions = await Promise.all(Array.from({ length: 150 }, () => take(charge)));
        admitted += decisions.filter(({ allowed }) => allowed).length;
        await opened.pass(20);
        passed += 20;
      }
      const last = await Promise.all(Array.from({ length: 150 }, () => take(charge)));
      admitted += last.filter(({ allowed }) => allowed).length;
      const elapsed = Math.max(passed, performance.now() - began);
      expect(admitted).toBeLessThanOrEqual(6000 + elapsed / 10);
      expect(admitted).toBeGreaterThanOrEqual((6000 + passed / 10) * 0.98);
    });

    it('keeps buckets apart', async () => {
      const [one, another] = [chargeOf(1, freshBucket()), chargeOf(1, freshBucket())];
      expect((await take(one)).allowed).toBe(true);
      expect((await take(one)).allowed).toBe(false);
      expect((await take(another)).allowed).toBe(true);
    });

    it('takes a changed limit for what it is: the fill stays in proportion', async () => {
      const bucket = freshBucket();
      await Promise.all(Array.from({ length: 30 }, () => take(chargeOf(60, bucket))));
      expect((await take(chargeOf(600, bucket))).remaining).toBeLessThanOrEqual(301);
      expect((await take(chargeOf(600, bucket))).remaining).toBeGreaterThanOrEqual(298);
      expect((await take(chargeOf(6, bucket))).remaining).toBe(1);
      expect((await take(chargeOf(6, bucket))).allowed).toBe(true);
      expect((await take(chargeOf(6, bucket))).allowed).toBe(false);
    });

    it('believes what another store knew of a bucket', async () => {
      const charge = chargeOf(60, freshBucket());
      expect((await take({ ...charge, debtMs: 58_000 })).remaining).toBe(1);
      expect((await take(charge)).allowed).toBe(true);
      expect((await take(charge)).allowed).toBe(false);
      const empty = chargeOf(60, freshBucket());
      expect((await take({ ...empty, debtMs: 1e9 })).allowed).toBe(false);
      expect((await take(empty)).allowed).toBe(false);
    });

    it('a look tells what is left, through either door, and takes nothing', async () => {
      const charge = chargeOf(5, freshBucket());
      const look = async (through: RateLimitStore): Promise<unknown> => {
        const found = await through.peek(charge);
        return found === 'store_unavailable' ? found : [found.allowed, found.remaining, Math.round(found.resetMs / 1_000)];
      };
      expect(await look(opened.store)).toEqual([true, 5, 0]);
      for (let taken = 0; taken < 3; taken++) await take(charge);
      for (let again = 0; again < 10; again++) for (const door of [opened.store, opened.other]) expect(await look(door)).toEqual([true, 2, 36]);
      expect([(await take(charge)).remaining, (await take(charge)).remaining, (await take(charge)).allowed]).toEqual([1, 0, false]);
      expect(await look(opened.store)).toEqual([true, 0, 60]);
    });

    it('gives a burst its last token at limits that do not divide a minute', async () => {
      for (const limit of [1, 7, 59, 61, 97]) {
        const charge = chargeOf(limit, freshBucket());
        const decisions = await Promise.all(Array.from({ length: limit + 1 }, () => take(charge)));
        expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(limit);
      }
    });
  });
}

export function chargeOf(limit: number, bucket: string): Charge {
  return { bucket, capacity: limit, refillPerMinute: limit, cost: 1 };
}

/** A Redis may keep buckets from an earlier run. */
export function freshBucket(): string {
  return `test:${crypto.randomUUID().replaceAll('-', '')}`;
}
