import type { Server } from '../servers/server.ts';

/** The metrics page as text. */
export async function scrape({ port }: Server): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  return answer.text();
}

/** The sum of all series of that name. */
export function valueOf(page: string, metric: string): number {
  let sum = 0;
  for (const [, value] of page.matchAll(new RegExp(`^${metric}(?:\\{[^\\n]*\\})? ([^ \\n]+)$`, 'gm'))) sum += Number(value);
  return sum;
}
