import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface SteadySample {
  readonly live: readonly number[];
  readonly calls: readonly number[];
  readonly liveFailures: readonly string[];
  readonly callFailures: readonly string[];
  /** How late this thread's own timer was: what the machine alone costs. */
  readonly late: readonly number[];
}

/** A caller that does nothing wrong, beside every row: what happens to others must not happen to it. Its key '' leaves the calls out. */
export class SteadyTraffic {
  private constructor(private readonly worker: Worker) {}

  static start(port: number, key: string, model: string): SteadyTraffic {
    return new SteadyTraffic(new Worker(new URL('steady-traffic.mjs', import.meta.url), { workerData: { port, key, model } }));
  }

  go(): void {
    this.worker.postMessage('go');
  }

  /** Stops, and tells what it saw since it began. */
  async take(): Promise<SteadySample> {
    const told = once(this.worker, 'message');
    this.worker.postMessage('take');
    const [sample] = (await told) as [SteadySample];
    return sample;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
