import { Gauge, type GaugeConfiguration } from 'prom-client';
import type { Series } from './series.js';
import { SeriesSet } from './series-set.js';

/** A gauge of Prometheus' client whose series are got once and set by hand. */
export class GaugeFamily extends Gauge<string> {
  readonly series: SeriesSet<Series>;

  constructor(configuration: GaugeConfiguration<string>) {
    super(configuration);
    this.series = new SeriesSet(configuration.labelNames ?? [], (labels) => ({ labels, value: 0 }));
  }

  override async get(): ReturnType<Gauge<string>['get']> {
    return { ...(await super.get()), values: this.series.all() };
  }
}
