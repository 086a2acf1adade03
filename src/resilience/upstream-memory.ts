import type { CircuitBreaker } from './circuit-breaker.js';
import type { ConcurrencyGate } from './concurrency-gate.js';
import type { Rest } from './rest.js';
import type { RetryBudget } from './retry-budget.js';

/** What is remembered of one upstream between calls. */
export interface UpstreamMemory {
  readonly circuit: CircuitBreaker;
  readonly gate: ConcurrencyGate;
  readonly rest: Rest;
  readonly retries: RetryBudget;
  /** How often anything arrived from it: a call that times out while others are answered is a long answer, not an outage. */
  heard: number;
}
