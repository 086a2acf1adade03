/** Exponential back-off with full jitter: anything between nothing and the cap for this repeat, so that callers never come back in step. */
export function backoffMs(repeat: number, random: () => number = Math.random): number {
  return random() * Math.min(MS_MAX, MS_BASE * 2 ** (repeat - 1));
}

const MS_BASE = 100;
const MS_MAX = 2_000;
