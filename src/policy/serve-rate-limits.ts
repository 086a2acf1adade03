import { type Clock, monotonicClock } from '../contracts/clock.js';
import type { WorkerHub } from '../contracts/worker-link.js';
import { MemoryRateLimitStore } from './memory-rate-limit-store.js';
import { type ChargeRow, chargeOf, RATE_LIMIT_TOPIC } from './rate-limit-rows.js';

/** The primary's end of `SharedRateLimitStore`: one bucket per principal for all workers, and for those that come after a crash. */
export function serveRateLimits(hub: WorkerHub, clock: Clock = monotonicClock): void {
  const store = new MemoryRateLimitStore(clock);
  // Its own workers ask, with rows that `rowOf` made; thousandths of a millisecond are enough for an answer and short to write.
  hub.onAsk(RATE_LIMIT_TOPIC, (rows) => (rows as readonly ChargeRow[]).map((row) => Math.round(store.draw(chargeOf(row)) * 1000) / 1000));
}
