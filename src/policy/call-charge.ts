import type { Principal } from '../contracts/principal.js';
import type { Charge } from '../contracts/rate-limit.js';

/** What one call costs a limited principal. */
export function callCharge({ id, rateLimitPerMinute }: Pick<Principal, 'id' | 'rateLimitPerMinute'>): Charge {
  return { bucket: `calls:${id}`, capacity: rateLimitPerMinute, refillPerMinute: rateLimitPerMinute, cost: 1 };
}
