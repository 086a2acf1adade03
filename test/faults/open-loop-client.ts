/** What became of a load whose calls came at fixed times, whether earlier ones had been answered or not. */
export interface LoadResult<Reply> {
  readonly replies: readonly Reply[];
  /** How far behind its time the latest call was sent: more than some milliseconds, and the client itself was the bottleneck. */
  readonly latenessMs: number;
}

/**
 * Calls arrive at a fixed rate. A client that waits for an answer before it asks again slows down together with what it measures,
 * and so hides overload; this one does not.
 */
export async function openLoop<Reply>(
  ratePerSecond: number,
  durationMs: number,
  call: (index: number) => Promise<Reply>,
): Promise<LoadResult<Reply>> {
  const running: Promise<Reply>[] = [];
  const count = Math.round((ratePerSecond * durationMs) / 1000);
  const startedAt = performance.now();
  let latenessMs = 0;
  while (running.length < count) {
    const elapsed = performance.now() - startedAt;
    const due = Math.min(count, Math.floor((elapsed * ratePerSecond) / 1000) + 1);
    latenessMs = Math.max(latenessMs, elapsed - (running.length * 1000) / ratePerSecond);
    while (running.length < due) running.push(call(running.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { replies: await Promise.all(running), latenessMs };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
