import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import type { SettingsReload } from '../config/settings-reload.js';
import type { WorkerHub } from '../contracts/worker-link.js';
import { CONTROL_TOPICS } from './control-topics.js';
import { rescueConnections } from './rescue-connections.js';

/** Which of the workers a process is, counted from 1; the first one speaks for all where one voice is enough. */
export const WORKER_SLOT = 'NEXUS_WORKER_SLOT';

const RESTART_MS_FIRST = 100;
const RESTART_MS_MAX = 10_000;

/** Starts the workers, replaces one that died, and ends when all have drained. Serves nothing itself. */
export class Primary {
  private readonly slots = new Map<number, number>();
  private hasStarted = false;
  private isEnding = false;
  private restartMs = RESTART_MS_FIRST;

  constructor(
    private readonly hub: WorkerHub,
    private readonly reload: SettingsReload,
    private readonly log: Logger,
    private readonly endsOnHangup: boolean,
  ) {}

  /**
   * Resolves when every worker listens, with true, or when it was told to end meanwhile: those that listen already drain.
   * Rejects when one ends before: the first one's own words stand on stderr by then.
   */
  async start(workers: number): Promise<boolean> {
    cluster.on('exit', (worker, code) => this.exited(worker, code));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.end(signal === 'SIGINT' ? 130 : 143));
    process.on('SIGHUP', () => (this.endsOnHangup ? this.end(129) : this.reloadAll()));
    const starts = await Promise.allSettled(Array.from({ length: workers }, (_, index) => listening(this.fork(index + 1))));
    if (this.isEnding) return false;
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    this.hasStarted = true;
    return true;
  }

  private fork(slot: number): Worker {
    const worker = cluster.fork({ [WORKER_SLOT]: String(slot) });
    this.slots.set(worker.id, slot);
    // Node hands it a connection, or an answer, in the moment in which it dies: its exit says so, and nobody else may die of it.
    worker.on('error', () => {});
    rescueConnections(worker, connectedWorkers);
    return worker;
  }

  private reloadAll(): void {
    this.reload.reload();
    this.hub.spread(CONTROL_TOPICS.reload, undefined);
  }

  /** Once: the workers drain. Twice: at once, with this exit code. */
  private end(code: number): void {
    if (this.isEnding) {
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL');
      process.exit(code);
    }
    this.isEnding = true;
    this.reload.stop();
    this.hub.spread(CONTROL_TOPICS.drain, undefined);
    if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(0);
  }

  private exited(worker: Worker, code: number): void {
    const slot = this.slots.get(worker.id) ?? 1;
    this.slots.delete(worker.id);
    if (this.isEnding) {
      if (this.slots.size === 0) process.exit(0);
      return;
    }
    if (!this.hasStarted) return;
    this.log.error({ event: 'worker', slot, code }, 'a worker died: another one takes its place');
    setTimeout(() => {
      if (!this.isEnding) this.fork(slot);
    }, this.restartMs);
    this.restartMs = Math.min(RESTART_MS_MAX, this.restartMs * 2);
    setTimeout(() => (this.restartMs = RESTART_MS_FIRST), RESTART_MS_MAX * 2).unref();
  }
}

function connectedWorkers(): readonly Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker?.isConnected() === true);
}

async function listening(worker: Worker): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    worker.once('listening', () => resolve());
    worker.once('exit', (code: number | null, signal: string | null) => reject(new WorkerRefused(code ?? 1, signal)));
  });
}

/** A worker ended before it served; `exitCode` is its own. It has told why, but where a signal ended it. */
export class WorkerRefused extends Error {
  constructor(
    readonly exitCode: number,
    readonly signal: string | null,
  ) {
    super('a worker could not start');
  }
}
