import type { WorkerHub } from '../contracts/worker-link.js';
import { countsOf, mergeSnapshots } from './merge-snapshots.js';
import { withSilentWorkers } from './silent-workers.js';
import { METRICS_TOPICS, type MetricsSnapshot, type WorkerMetrics } from './metrics-topics.js';

const WORKER_WITHIN_MS = 1000;

/**
 * The primary's part of a scrape: asks every worker, waits at most so long, and answers with the sums. A worker that stays silent is
 * counted in `nexus_silent_workers`; what it and workers that ended had counted stays in the sums, for a sum that falls reads as a restart.
 */
export function serveMetrics(hub: WorkerHub, workerWithinMs = WORKER_WITHIN_MS): void {
  const gathering = new Gathering(hub, workerWithinMs);
  hub.onTell(METRICS_TOPICS.joined, (_payload, worker) => gathering.joined(worker));
  hub.onTell(METRICS_TOPICS.here, (payload, worker) => gathering.heard(worker, payload as WorkerMetrics));
  hub.onGone((worker) => gathering.gone(worker));
  hub.onAsk(METRICS_TOPICS.all, () => gathering.text());
}

class Gathering {
  /** Of each worker that serves, what it last told; undefined before it told anything. */
  private readonly latest = new Map<number, MetricsSnapshot | undefined>();
  /** What workers that ended had counted: one sum, and those that ended since the last scrape. */
  private departed: MetricsSnapshot[] = [];
  private round = 0;
  private awaited = new Set<number>();
  private complete: (() => void) | undefined;
  private running: Promise<string> | undefined;

  constructor(
    private readonly hub: WorkerHub,
    private readonly workerWithinMs: number,
  ) {}

  joined(worker: number): void {
    this.latest.set(worker, undefined);
  }

  heard(worker: number, { round, metrics }: WorkerMetrics): void {
    if (!this.latest.has(worker)) return;
    this.latest.set(worker, metrics);
    if (round === this.round) this.settle(worker);
  }

  gone(worker: number): void {
    const counted = this.latest.get(worker);
    this.latest.delete(worker);
    this.settle(worker);
    if (counted !== undefined) this.departed.push(countsOf(counted));
  }

  /** Scrapes at the same time share one round. */
  text(): Promise<string> {
    this.running ??= this.gather().finally(() => (this.running = undefined));
    return this.running;
  }

  private async gather(): Promise<string> {
    this.round++;
    this.awaited = new Set(this.latest.keys());
    if (this.awaited.size > 0) {
      const heard = new Promise<void>((resolve) => (this.complete = resolve));
      const late = setTimeout(() => this.complete?.(), this.workerWithinMs);
      this.hub.spread(METRICS_TOPICS.wanted, this.round);
      await heard;
      clearTimeout(late);
      this.complete = undefined;
    }
    const silent = this.awaited;
    if (this.departed.length > 1) this.departed.push(await mergeSnapshots(this.departed.splice(0)).getMetricsAsJSON());
    const serving = [...this.latest].map(([worker, metrics = []]) => (silent.has(worker) ? countsOf(metrics) : metrics));
    const text = await mergeSnapshots([...serving, ...this.departed]).metrics();
    return withSilentWorkers(text, silent.size);
  }

  private settle(worker: number): void {
    this.awaited.delete(worker);
    if (this.awaited.size === 0) this.complete?.();
  }
}
