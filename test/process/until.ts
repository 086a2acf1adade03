import { setTimeout as wait } from 'node:timers/promises';

/** Looks again and again until it holds; the time that took. Fails with `what` when it never did. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 10_000, everyMs = 10): Promise<number> {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(everyMs);
  }
  return performance.now() - startedAt;
}
