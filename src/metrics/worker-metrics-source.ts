import type { Registry } from 'prom-client';
import type { WorkerLink } from '../contracts/worker-link.js';
import { MetricsSource } from './metrics-source.js';
import { METRICS_TOPICS, type WorkerMetrics } from './metrics-topics.js';

/** Longer than the primary waits for a worker that does not answer. */
const ANSWER_WITHIN_MS = 2000;

/** A worker's scrape is of all workers: the primary gathers. When it does not answer, this worker's own metrics are better than none. */
export class WorkerMetricsSource extends MetricsSource {
  constructor(
    private readonly registry: Registry,
    private readonly link: WorkerLink,
  ) {
    super();
    link.onNews(METRICS_TOPICS.wanted, (round) => void this.tell(Number(round)));
    link.tell(METRICS_TOPICS.joined, null);
  }

  override get contentType(): string {
    return this.registry.contentType;
  }

  override async text(): Promise<string> {
    const all = await this.link.ask(METRICS_TOPICS.all, null, ANSWER_WITHIN_MS).catch(() => undefined);
    return typeof all === 'string' ? all : this.registry.metrics();
  }

  private async tell(round: number): Promise<void> {
    const metrics = await this.registry.getMetricsAsJSON();
    this.link.tell(METRICS_TOPICS.here, { round, metrics } satisfies WorkerMetrics);
  }
}
