/** What the workers of one machine have agreed on for one upstream. */
export interface SharedCircuit {
  readonly state: 'closed' | 'open';
  /** Failures in a row, counted over all workers. */
  readonly failures: number;
  /** 0 when closed. */
  readonly openedAgoMs: number;
}

/** A failure, with what decides whether it may open a circuit for others: who called, and whether others call too. */
export interface CircuitReport {
  readonly upstream: string;
  readonly verdict: 'success' | 'failure';
  readonly principal: string;
  readonly severalCall: boolean;
}

/** How the workers of one machine agree on circuits: one count, and one leave to probe, for all of them. */
export abstract class CircuitSharing {
  abstract report(report: CircuitReport): void;
  /** Leave to send the one probe. Never rejects; false when another worker has it or nobody answers. */
  abstract askProbe(upstream: string): Promise<boolean>;
  abstract probeEnded(upstream: string, verdict: 'success' | 'failure' | 'none'): void;
  abstract onState(listener: (upstream: string, circuit: SharedCircuit) => void): void;
}
