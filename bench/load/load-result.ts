/** What a load saw from outside. */
export interface LoadResult {
  readonly seconds: number;
  readonly requests: number;
  readonly events: number;
  /** By status; 0: the connection was lost. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Milliseconds, ascending. */
  readonly latencies: Float64Array;
}

/** Gathers a result while the load runs. */
export class LoadTally {
  private readonly statuses = new Map<number, number>();
  private latencies = new Float64Array(4096);
  private requests = 0;
  private events = 0;
  private readonly startedAt = performance.now();

  add(status: number, events: number, milliseconds: number): void {
    if (this.requests === this.latencies.length) {
      const larger = new Float64Array(this.latencies.length * 2);
      larger.set(this.latencies);
      this.latencies = larger;
    }
    this.latencies[this.requests++] = milliseconds;
    this.events += events;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  result(): LoadResult {
    const seconds = (performance.now() - this.startedAt) / 1000;
    return {
      seconds,
      requests: this.requests,
      events: this.events,
      statuses: this.statuses,
      latencies: this.latencies.slice(0, this.requests).sort(),
    };
  }
}
