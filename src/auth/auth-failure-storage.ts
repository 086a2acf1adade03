import type { ThrottlerStorage } from '@nestjs/throttler';
import { type Clock, monotonicClock } from '../contracts/clock.js';

/** What the throttler wants to know of a bucket; times are seconds, rounded up. */
export type FailureRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** About 3 MB when full. */
const ADDRESSES_MAX = 20_000;

/**
 * Failures by address, as token buckets of which one number is kept: when the bucket will be full again. O(1) in limit, addresses and time
 * (the package's own storage keeps every hit). Of more addresses than fit, the one that failed longest ago is forgotten.
 */
export class AuthFailureStorage implements ThrottlerStorage {
  private readonly fullAt = new Map<string, number>();

  constructor(
    private readonly clock: Clock = monotonicClock,
    private readonly addressesMax = ADDRESSES_MAX,
  ) {}

  /** `ttl` in milliseconds. A refused failure takes nothing: whoever goes on failing still gets `limit` a `ttl`. */
  increment(key: string, ttl: number, limit: number): Promise<FailureRecord> {
    const now = this.clock.now();
    const perFailure = ttl / limit;
    const usedMs = Math.max(0, (this.fullAt.get(key) ?? now) - now);
    const waitMs = usedMs + perFailure - ttl;
    // Sums of fractions: a bucket must not seem full for want of a billionth.
    const isBlocked = waitMs > 1e-6 * ttl;
    if (!isBlocked) this.remember(key, now + usedMs + perFailure, now);
    const takenMs = isBlocked ? usedMs : usedMs + perFailure;
    return Promise.resolve({
      totalHits: Math.round(takenMs / perFailure) + (isBlocked ? 1 : 0),
      timeToExpire: Math.ceil(takenMs / 1000),
      isBlocked,
      timeToBlockExpire: isBlocked ? Math.max(1, Math.ceil(waitMs / 1000)) : 0,
    });
  }

  get addressCount(): number {
    return this.fullAt.size;
  }

  private remember(key: string, fullAt: number, now: number): void {
    this.fullAt.delete(key);
    this.fullAt.set(key, fullAt);
    let looks = 2;
    for (const [oldest, at] of this.fullAt) {
      if (looks-- === 0 || (at > now && this.fullAt.size <= this.addressesMax)) break;
      this.fullAt.delete(oldest);
    }
  }
}
