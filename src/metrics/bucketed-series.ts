import type { Series } from './series.js';

/** One series of a histogram. An observation is a short search and three additions; sums over buckets are made at the scrape. */
export class BucketedSeries {
  private readonly counts: Float64Array;
  private sum = 0;
  private count = 0;

  constructor(
    readonly labels: Series['labels'],
    private readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length);
  }

  /** Seconds. What is no number is not counted, and what is below 0 (clocks of two threads) is 0. */
  observe(seconds: number): void {
    if (!Number.isFinite(seconds)) return;
    const value = Math.max(0, seconds);
    this.sum += value;
    this.count++;
    const { bounds, counts } = this;
    for (let index = 0; index < bounds.length; index++) {
      if (value <= (bounds[index] ?? 0)) {
        counts[index] = (counts[index] ?? 0) + 1;
        return;
      }
    }
  }

  /** As Prometheus wants it: each bucket holds all below it. */
  lines(name: string): { metricName: string; labels: Record<string, string | number>; value: number }[] {
    let below = 0;
    const buckets = this.bounds.map((le, index) => ({
      metricName: `${name}_bucket`,
      labels: { ...this.labels, le },
      value: (below += this.counts[index] ?? 0),
    }));
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...this.labels, le: '+Inf' }, value: this.count },
      { metricName: `${name}_sum`, labels: this.labels, value: this.sum },
      { metricName: `${name}_count`, labels: this.labels, value: this.count },
    ];
  }
}
