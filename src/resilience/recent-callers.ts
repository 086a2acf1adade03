import type { Clock } from '../contracts/clock.js';

/** How many principals have called within the last minute or a little less. Counts no further than a thousand, and keeps no more names. */
export class RecentCallers {
  private current = new Set<string>();
  private previous = new Set<string>();
  private turnsAt: number;
  private seen = 0;

  constructor(private readonly clock: Clock) {
    this.turnsAt = clock.now() + PERIOD_MS;
  }

  get count(): number {
    this.turn();
    return this.seen;
  }

  add(principal: string): void {
    this.turn();
    if (this.current.has(principal) || this.current.size >= NAMES_MAX) return;
    this.current.add(principal);
    if (!this.previous.has(principal)) this.seen += 1;
  }

  private turn(): void {
    const now = this.clock.now();
    if (now < this.turnsAt) return;
    this.previous = now < this.turnsAt + PERIOD_MS ? this.current : new Set();
    this.current = new Set();
    this.seen = this.previous.size;
    this.turnsAt = now + PERIOD_MS;
  }
}

const PERIOD_MS = 30_000;
const NAMES_MAX = 1_000;
