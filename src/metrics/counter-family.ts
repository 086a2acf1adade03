import { Counter, type CounterConfiguration } from 'prom-client';
import type { Series } from './series.js';
import { SeriesSet } from './series-set.js';

/** A counter of Prometheus' client whose series are got once and counted by hand: an event costs one addition. */
export class CounterFamily extends Counter<string> {
  readonly series: SeriesSet<Series>;

  constructor(configuration: CounterConfiguration<string>) {
    super(configuration);
    this.series = new SeriesSet(configuration.labelNames ?? [], (labels) => ({ labels, value: 0 }));
  }

  override async get(): ReturnType<Counter<string>['get']> {
    return { ...(await super.get()), values: this.series.all() };
  }
}
