import { Histogram, type HistogramConfiguration } from 'prom-client';
import { BucketedSeries } from './bucketed-series.js';
import { SeriesSet } from './series-set.js';

/** A histogram of Prometheus' client whose series are got once and filled by hand. */
export class HistogramFamily extends Histogram<string> {
  readonly series: SeriesSet<BucketedSeries>;

  constructor(configuration: HistogramConfiguration<string> & { readonly buckets: number[] }) {
    super(configuration);
    this.series = new SeriesSet(configuration.labelNames ?? [], (labels) => new BucketedSeries(labels, configuration.buckets));
  }

  override get(): ReturnType<Histogram<string>['get']> {
    // The client's own `get` asks `getForPromString` in turn; what describes the metric is there, only not declared.
    const { name, help, type, aggregator, collect } = this as unknown as Awaited<ReturnType<Histogram<string>['get']>>;
    return Promise.resolve({ name, help, type, aggregator, collect, values: this.series.all().flatMap((series) => series.lines(name)) });
  }

  /** What the text is written from; the client asks for it beside `get`. */
  getForPromString(): ReturnType<Histogram<string>['get']> {
    return this.get();
  }
}
