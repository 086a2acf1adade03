import { FAILURES, type UpstreamFailure } from '../upstream/upstream-failure.js';
import { backoffMs } from './backoff.js';

/**
 * How long to wait before the same target is tried once more; undefined: it is not. A rest that the upstream asked for
 * is waited for only where the settings allow any waiting, and that much.
 */
export function repeatWaitMs(failure: UpstreamFailure, retryAfterWaitMsMax: number): number | undefined {
  const asked = failure.kind === 'rate_limited' ? failure.details.retryAfterMs : undefined;
  if (asked !== undefined && retryAfterWaitMsMax > 0 && asked <= retryAfterWaitMsMax) return asked + TIMER_EARLY_MS;
  return FAILURES[failure.kind].retry === 'same' ? backoffMs(1) : undefined;
}

/** A timer may fire a moment before its time, when the rest is not quite over. */
const TIMER_EARLY_MS = 2;
