import { type Clock, monotonicClock } from '../contracts/clock.js';
import type { Charge, RateDecision } from '../contracts/rate-limit.js';
import { FullTimes } from './full-times.js';
import { RateLimitStore } from './rate-limit-store.js';
import { debtOf, decisionOf, draw, type Verdict } from './token-bucket.js';

/** The buckets of one process: exact, at once, gone with it. */
export class MemoryRateLimitStore extends RateLimitStore {
  private readonly fullTimes = new FullTimes();

  constructor(private readonly clock: Clock = monotonicClock) {
    super();
  }

  /** Buckets that are remembered. */
  get size(): number {
    return this.fullTimes.size;
  }

  override take(charge: Charge): RateDecision {
    return decisionOf(this.draw(charge), charge);
  }

  draw(charge: Charge): Verdict {
    const now = this.clock.now();
    const verdict = draw(this.fullTimes.get(charge.bucket), now, charge);
    // A refusal changes nothing, but for what another store told; a look writes what stood there.
    if (verdict >= 0 || charge.debtMs !== undefined) this.fullTimes.set(charge.bucket, now + debtOf(verdict), now);
    return verdict;
  }

  override async close(): Promise<void> {}
}
