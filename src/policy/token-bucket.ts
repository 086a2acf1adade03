import type { Charge, RateDecision } from '../contracts/rate-limit.js';

/**
 * The arithmetic of a bucket that every store shares. A bucket is one number, the time at which it will be full again: what it
 * lacks is its debt, in milliseconds of refilling. A changed limit so keeps the bucket's fill in proportion, and a full bucket
 * need not be remembered.
 */
export type Verdict = number;

/** Taken: the debt afterwards, 0 or more. Refused: -1 - debt. In milliseconds; one number, so that it travels cheaply. */
export function draw(fullAt: number | undefined, now: number, charge: Charge): Verdict {
  const tokenMs = MINUTE_MS / charge.refillPerMinute;
  const emptyMs = charge.capacity * tokenMs;
  // Neither a clock that stepped nor a lowered limit leaves a debt beyond an empty bucket.
  const debt = Math.min(Math.max((fullAt ?? now) - now, charge.debtMs ?? 0, 0), emptyMs);
  const after = debt + charge.cost * tokenMs;
  return after <= emptyMs + TOLERANCE * tokenMs ? after : -1 - debt;
}

export function debtOf(verdict: Verdict): number {
  return verdict >= 0 ? verdict : -1 - verdict;
}

export function decisionOf(verdict: Verdict, charge: Charge): RateDecision {
  const allowed = verdict >= 0;
  const debt = debtOf(verdict);
  const tokenMs = MINUTE_MS / charge.refillPerMinute;
  const emptyMs = charge.capacity * tokenMs;
  return {
    allowed,
    remaining: Math.max(0, Math.floor((emptyMs - debt) / tokenMs + TOLERANCE)),
    resetMs: debt,
    retryAfterMs: allowed ? 0 : debt + charge.cost * tokenMs - emptyMs,
  };
}

const MINUTE_MS = 60_000;
/** Of a token: sums of fractions must not cost a burst its last one. It never adds up, for the debt is kept exactly. */
export const TOLERANCE = 0.001;
