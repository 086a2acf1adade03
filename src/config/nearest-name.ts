/** The known name that was probably meant: few letters apart (one in three at most), or made of the same words and more. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  const words = wanted.split(/[^a-z0-9]+/).filter((word) => word !== '');
  let best: string | undefined;
  let bestScore = Infinity;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    const distance = editDistance(wanted, lower);
    const close = distance <= Math.floor(Math.max(wanted.length, lower.length) / 3);
    const within =
      words.length > 0 && words.every((word) => lower.split(/[^a-z0-9]+/).some((other) => editDistance(word, other) <= (word.length > 4 ? 2 : 0)));
    const score = close ? distance : within ? 1000 + distance : Infinity;
    if (score < bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

/** Insertions, deletions, replacements, and neighbours swapped. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      current.push(cost);
    }
    [before, previous] = [previous, current];
  }
  return previous[to.length] ?? 0;
}
