import { type CircuitReport, CircuitSharing, type SharedCircuit } from '../contracts/circuit-sharing.js';
import type { WorkerLink } from '../contracts/worker-link.js';

/** Topics between a worker and the process that keeps the circuits for all. */
export const CIRCUIT_TOPICS = {
  report: 'circuit-report',
  probe: 'circuit-probe',
  probeEnded: 'circuit-probe-ended',
  state: 'circuit-state',
} as const;

export interface CircuitNews {
  readonly upstream: string;
  readonly circuit: SharedCircuit;
}

/** A worker's end of the shared circuits. Should nobody answer, no probe goes out: the next call asks again. */
export class LinkedCircuits extends CircuitSharing {
  constructor(private readonly link: WorkerLink) {
    super();
  }

  override report(report: CircuitReport): void {
    this.link.tell(CIRCUIT_TOPICS.report, report);
  }

  override async askProbe(upstream: string): Promise<boolean> {
    try {
      return (await this.link.ask(CIRCUIT_TOPICS.probe, upstream, ASK_MS)) === true;
    } catch {
      // The leave may have been given after all, to nobody: it goes back, or this circuit is never probed again.
      this.probeEnded(upstream, 'none');
      return false;
    }
  }

  override probeEnded(upstream: string, verdict: 'success' | 'failure' | 'none'): void {
    this.link.tell(CIRCUIT_TOPICS.probeEnded, { upstream, verdict });
  }

  override onState(listener: (upstream: string, circuit: SharedCircuit) => void): void {
    this.link.onNews(CIRCUIT_TOPICS.state, (news) => {
      const { upstream, circuit } = news as CircuitNews;
      listener(upstream, circuit);
    });
  }
}

const ASK_MS = 500;
