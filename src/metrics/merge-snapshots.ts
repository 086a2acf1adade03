import { AggregatorRegistry, type Registry } from 'prom-client';
import type { MetricsSnapshot } from './metrics-topics.js';

/** Adds up what workers counted; gauges as each says (sum, least, greatest, mean). */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): Registry {
  return AggregatorRegistry.aggregate(snapshots.map((snapshot) => snapshot.map(mergeable)));
}

/** What stays true of a worker that is gone or silent: what it counted. How it fares (its gauges) is not known any more. */
export function countsOf(snapshot: MetricsSnapshot): MetricsSnapshot {
  // Declared as a number by the client's types, a word in fact.
  return snapshot.filter(({ type }) => String(type) === 'counter' || String(type) === 'histogram');
}

function mergeable(metric: MetricsSnapshot[number]): MetricsSnapshot[number] {
  return {
    ...metric,
    // The client leaves out when a process started: here it is the time of the oldest.
    aggregator: metric.aggregator === 'omit' ? 'min' : metric.aggregator,
    // What was no number (a mean of nothing) comes over the line as null.
    values: metric.values.filter(({ value }) => typeof value === 'number'),
  };
}
