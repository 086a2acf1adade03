import type { Charge, RateDecision, SharedStoreStatus, StoreUnavailable } from '../contracts/rate-limit.js';

/**
 * Takes charges from token buckets: every charge of a call, or none. O(1) in the limit and in the number of buckets.
 * Never rejects: a store that cannot be asked behaves as GATEWAY_ON_REDIS_DOWN says. A plain value where no waiting is needed.
 */
export abstract class RateLimitStore {
  /** For health's detail. `down` is no reason to be unready: calls go on as the operator chose. */
  get status(): SharedStoreStatus {
    return 'none';
  }

  abstract take(charge: Charge): RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable>;

  /**
   * What the charge would find: nothing is taken, and no bucket changes. `store_unavailable` while a store that others share cannot be
   * asked, whatever the operator chose for calls: what this process would lend meanwhile is not what is left.
   */
  peek(charge: Charge): RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable> {
    return this.take({ ...charge, cost: 0 });
  }

  abstract close(): Promise<void>;
}
