import type { CircuitReport, SharedCircuit } from '../contracts/circuit-sharing.js';
import type { Clock } from '../contracts/clock.js';
import type { WorkerHub } from '../contracts/worker-link.js';
import type { CircuitRules } from './circuit-breaker.js';
import { FailureTally } from './failure-tally.js';
import { CIRCUIT_TOPICS, type CircuitNews } from './linked-circuits.js';

interface Kept {
  readonly tally: FailureTally;
  openedAt: number | undefined;
  /** The worker whose probe is out. */
  prober: number | undefined;
}

/** The primary's end of the shared circuits: counts for all workers, and gives the leave to probe to one of them at a time. */
export function serveCircuits(hub: WorkerHub, rules: () => CircuitRules, clock: Clock): void {
  const circuits = new Map<string, Kept>();
  const of = (upstream: string): Kept => {
    let kept = circuits.get(upstream);
    if (kept === undefined) circuits.set(upstream, (kept = { tally: new FailureTally(), openedAt: undefined, prober: undefined }));
    return kept;
  };
  const spread = (upstream: string, kept: Kept): void => {
    const state = kept.openedAt === undefined ? 'closed' : 'open';
    const openedAgoMs = kept.openedAt === undefined ? 0 : clock.now() - kept.openedAt;
    const circuit: SharedCircuit = { state, failures: kept.tally.failures, openedAgoMs };
    hub.spread(CIRCUIT_TOPICS.state, { upstream, circuit } satisfies CircuitNews);
  };
  const close = (kept: Kept): void => {
    kept.tally.reset();
    kept.openedAt = undefined;
  };

  hub.onTell(CIRCUIT_TOPICS.report, (payload) => {
    const { upstream, verdict, principal, severalCall } = payload as CircuitReport;
    const kept = of(upstream);
    // What began before the circuit opened says nothing of now; a worker that came after it has yet to hear of it.
    if (kept.openedAt !== undefined) {
      if (verdict === 'failure') spread(upstream, kept);
      return;
    }
    if (verdict === 'success') close(kept);
    else if (kept.tally.failed(principal, severalCall, rules().failuresMax)) kept.openedAt = clock.now();
    spread(upstream, kept);
  });

  hub.onAsk(CIRCUIT_TOPICS.probe, (payload, worker) => {
    const kept = of(String(payload));
    const isEarly = kept.openedAt !== undefined && clock.now() - kept.openedAt < rules().resetMs - EARLY_MS;
    if (kept.prober !== undefined || isEarly) return false;
    kept.prober = worker;
    return true;
  });

  hub.onTell(CIRCUIT_TOPICS.probeEnded, (payload, worker) => {
    const { upstream, verdict } = payload as { upstream: string; verdict: 'success' | 'failure' | 'none' };
    const kept = of(upstream);
    if (kept.prober !== worker) return;
    kept.prober = undefined;
    if (verdict === 'success') close(kept);
    if (verdict === 'failure' && kept.openedAt !== undefined) kept.openedAt = clock.now();
    spread(upstream, kept);
  });

  hub.onGone((worker) => {
    for (const kept of circuits.values()) if (kept.prober === worker) kept.prober = undefined;
  });
}

/** Clocks of two processes need not agree to the millisecond. */
const EARLY_MS = 5;
