import type { Registry } from 'prom-client';

/** What workers and the primary say to each other about metrics. */
export const METRICS_TOPICS = {
  /** Worker to primary, once: expect my metrics from now on. */
  joined: 'metrics-joined',
  /** Worker to primary, a question: the text of all workers. */
  all: 'metrics',
  /** Primary to workers: the number of the round. */
  wanted: 'metrics-wanted',
  /** Worker to primary: `WorkerMetrics`. */
  here: 'metrics-here',
} as const;

/** Metrics as plain data, as Prometheus' client exports and adds them up. */
export type MetricsSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

export interface WorkerMetrics {
  readonly round: number;
  readonly metrics: MetricsSnapshot;
}
