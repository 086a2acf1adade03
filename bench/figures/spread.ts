export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0] ?? Number.NaN, median: quantile(sorted, 0.5), max: sorted[sorted.length - 1] ?? Number.NaN };
}

/** Pair by pair: what both sides of a round shared (a slower machine, a noisy neighbour) falls out. */
export function ratios(above: readonly number[], below: readonly number[]): Spread {
  return spreadOf(above.map((value, index) => value / (below[index] ?? Number.NaN)));
}

/** Pair by pair, as `ratios`. */
export function differences(above: readonly number[], below: readonly number[]): Spread {
  return spreadOf(above.map((value, index) => value - (below[index] ?? Number.NaN)));
}

/** Of ascending values; between two of them it interpolates. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}
