import type { Clock } from '../contracts/clock.js';

/** An upstream that answered 429 is left alone for as long as it asked; one that did not say, for a second, doubling to thirty. */
export class Rest {
  private until = -Infinity;
  private unsaid = 0;

  constructor(private readonly clock: Clock) {}

  get leftMs(): number {
    return Math.max(0, this.until - this.clock.now());
  }

  begin(askedMs: number | undefined): void {
    const now = this.clock.now();
    // Calls that were under way when the rest began say nothing new, unless they were told a longer one.
    const alreadyResting = this.until > now;
    if (askedMs === undefined && alreadyResting) return;
    const restMs = askedMs ?? Math.min(MS_MAX, MS_FIRST * 2 ** this.unsaid);
    if (askedMs === undefined) this.unsaid += 1;
    this.until = Math.max(this.until, now + restMs);
  }

  /** It served again. */
  over(): void {
    this.unsaid = 0;
  }
}

const MS_FIRST = 1_000;
const MS_MAX = 30_000;
