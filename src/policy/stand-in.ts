import { type Clock, monotonicClock } from '../contracts/clock.js';
import type { Charge, RateDecision, StoreUnavailable } from '../contracts/rate-limit.js';
import { FullTimes } from './full-times.js';
import type { RateLimitStore } from './rate-limit-store.js';

/**
 * Takes while the store that all share cannot be asked: one part of each limit, from a store near by. Each bucket goes on where the
 * other store left off, and hands back what was taken meanwhile, so that an outage is no way to a second bucketful.
 */
export class StandIn {
  private readonly heardOf = new FullTimes();
  private readonly lent = new FullTimes();

  constructor(
    private readonly store: RateLimitStore,
    /** Among how many a limit is divided. */
    private readonly parts: () => number,
    private readonly clock: Clock = monotonicClock,
  ) {}

  take(charge: Charge): RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable> {
    const taken = this.store.take(this.partOf(charge));
    if (taken instanceof Promise) return taken.then((decision) => this.note(charge.bucket, decision));
    return this.note(charge.bucket, taken);
  }

  /** What the shared store said of a bucket. */
  heard(bucket: string, debtMs: number): void {
    const now = this.clock.now();
    this.heardOf.set(bucket, now + debtMs, now);
  }

  /** What the shared store does not know yet of a charge's bucket, as `Charge.debtMs`; 0: nothing. Told once, but for a look. */
  takeNews({ bucket, cost }: Charge): number {
    if (this.lent.size === 0) return 0;
    const fullAt = this.lent.get(bucket);
    if (fullAt === undefined) return 0;
    if (cost > 0) this.lent.delete(bucket);
    return Math.max(0, fullAt - this.clock.now());
  }

  async close(): Promise<void> {
    await this.store.close();
  }

  /** A debt is time, and so the same for a part as for the whole. */
  private partOf(charge: Charge): Charge {
    const parts = Math.max(1, this.parts());
    const fullAt = this.heardOf.get(charge.bucket);
    this.heardOf.delete(charge.bucket);
    const part = {
      bucket: charge.bucket,
      capacity: Math.max(1, charge.capacity / parts),
      refillPerMinute: Math.max(1, charge.refillPerMinute / parts),
      cost: charge.cost,
    };
    const debtMs = Math.max(charge.debtMs ?? 0, fullAt === undefined ? 0 : fullAt - this.clock.now());
    return debtMs > 0 ? { ...part, debtMs } : part;
  }

  private note(bucket: string, decision: RateDecision | StoreUnavailable): RateDecision | StoreUnavailable {
    if (decision !== 'store_unavailable') {
      const now = this.clock.now();
      this.lent.set(bucket, now + decision.resetMs, now);
    }
    return decision;
  }
}
