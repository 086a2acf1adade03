import { cpuSeconds, waitingSeconds } from '../machine/cpu-time.ts';
import type { Child } from '../machine/child.ts';
import { processTree } from '../machine/process-tree.ts';

/** Something that listens, and what it has cost so far. */
export class Server {
  readonly name: string;
  readonly port: number;
  readonly pids: readonly number[];
  private readonly child: Child;

  /** `child` is ready: all the processes it needs are there. */
  constructor(name: string, port: number, child: Child) {
    this.name = name;
    this.port = port;
    this.child = child;
    this.pids = processTree(child.pid);
  }

  get cpuSeconds(): number {
    this.child.checkItRuns();
    return cpuSeconds(this.pids);
  }

  /** In which it could have run and had no core. */
  get waitingSeconds(): number {
    return waitingSeconds(this.pids);
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
