import type { Series } from './series.js';

/** The series of one metric by the values of their labels, each made at 0 when first asked for. */
export class SeriesSet<S extends { readonly labels: Series['labels'] }> {
  private readonly series = new Map<string, S>();

  constructor(
    private readonly names: readonly string[],
    private readonly make: (labels: Series['labels']) => S,
  ) {}

  /** Values in the order of the labels. Keep what you got: the look-up is the dear part of an observation. */
  at(...values: string[]): S {
    const key = values.join('\n');
    let found = this.series.get(key);
    if (found === undefined) {
      found = this.make(Object.fromEntries(this.names.map((name, index) => [name, values[index] ?? ''])));
      this.series.set(key, found);
    }
    return found;
  }

  /** Forgets the series that are not wanted any more. */
  keep(isWanted: (labels: Series['labels']) => boolean): void {
    for (const [key, { labels }] of this.series) if (!isWanted(labels)) this.series.delete(key);
  }

  all(): S[] {
    return [...this.series.values()];
  }
}
