export interface FollowedFallbacks {
  /** Upstreams in the order to try, each with the name whose fallback it is. */
  readonly taken: ReadonlyMap<string, string>;
  /** Left out, since the caller may not use them; what follows from them alone is left out too. */
  readonly forbidden: ReadonlySet<string>;
}

/** The fallbacks of the name asked for, then of each upstream already planned, then of those fallbacks: every upstream once. */
export function followFallbacks(
  asked: string,
  planned: readonly string[],
  mayUse: (name: string) => boolean,
  fallbacks: ReadonlyMap<string, readonly string[]>,
): FollowedFallbacks {
  const taken = new Map<string, string>();
  const forbidden = new Set<string>();
  const trail = [asked, ...planned];
  // Grows while it is walked.
  for (const from of trail) {
    for (const to of fallbacks.get(from) ?? []) {
      if (planned.includes(to) || taken.has(to)) continue;
      if (mayUse(to)) {
        taken.set(to, from);
        trail.push(to);
      } else forbidden.add(to);
    }
  }
  return { taken, forbidden };
}
