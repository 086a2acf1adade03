import type { RateDecision } from '../contracts/rate-limit.js';

/** The three headers of a limit, as OpenAI names and writes them. A bucket is full again within a minute, so there are few texts, made once. */
export function rateLimitHeaders(limitPerMinute: number, { remaining, resetMs }: RateDecision): Readonly<Record<string, string>> {
  return {
    'x-ratelimit-limit-requests': String(limitPerMinute),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': resetText(resetMs),
  };
}

/**
 * `0s`, `120ms`, `1s`, `6m0s`, `1h0m0s`. Rounded up, so that who waits that long does not come early: below a second to whole milliseconds,
 * above it to whole seconds.
 */
export function resetText(resetMs: number): string {
  const ms = Math.max(0, Math.ceil(resetMs - ROUNDING_MS));
  if (ms > 0 && ms < 1_000) return `${ms}ms`;
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m${seconds % 60}s` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds % 60}s`;
}

/** What sums of fractions leave over. */
const ROUNDING_MS = 0.01;
