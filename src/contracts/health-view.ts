import type { UpstreamSettings } from './gateway-settings.js';

export interface CircuitView {
  readonly upstream: string;
  readonly state: 'closed' | 'half-open' | 'open';
}

/** How an upstream fares just now, as this process knows it. */
export interface UpstreamView {
  readonly isAvailable: boolean;
  readonly circuit: CircuitView['state'];
  /** Until a probe may go out; 0 while the circuit is closed. */
  readonly probeInMs: number;
  /** What is left of its rest after a 429. */
  readonly restLeftMs: number;
  /** Calls of this process that are there, and how many may be. */
  readonly inFlight: number;
  readonly inFlightMax: number;
}

/** What routing and the health page may know of upstreams: read at once, never waited for. */
export abstract class HealthView {
  abstract circuits(): readonly CircuitView[];
  /**
   * false while its circuit is open or it rests after a 429: such a target is tried after the others. true again as soon as a probe is
   * due: were it still tried after the others, nobody would ever find out that it recovered.
   */
  abstract isAvailable(upstream: string): boolean;
  abstract view(upstream: UpstreamSettings): UpstreamView;
}
