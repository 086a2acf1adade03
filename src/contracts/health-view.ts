export interface CircuitView {
  readonly upstream: string;
  readonly state: 'closed' | 'half-open' | 'open';
}

/** What routing and the health page may know of upstreams: read at once, never waited for. */
export abstract class HealthView {
  abstract circuits(): readonly CircuitView[];
  /**
   * false while its circuit is open or it rests after a 429: such a target is tried after the others. true again as soon as a probe is
   * due: were it still tried after the others, nobody would ever find out that it recovered.
   */
  abstract isAvailable(upstream: string): boolean;
}
