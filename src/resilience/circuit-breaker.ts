import type { CircuitSharing } from '../contracts/circuit-sharing.js';
import type { Clock } from '../contracts/clock.js';

export type CircuitState = 'closed' | 'half-open' | 'open';

/** Leave to call an upstream. The first ending counts, further ones are ignored. */
export interface Pass {
  readonly isProbe: boolean;
  succeed(): void;
  fail(): void;
  /** No verdict: the client left, or the fault was not the upstream's. */
  release(): void;
}

export interface CircuitRules {
  readonly failuresMax: number;
  readonly resetMs: number;
}

/**
 * Closed until so many failures in a row; then open for the reset time; then one probe, whose verdict closes or opens it again.
 * Where workers share their circuits, the count and the leave to probe are theirs together, and this is the local copy.
 */
export class CircuitBreaker {
  private failures = 0;
  private openedAt: number | undefined;
  private probing = false;
  private told: CircuitState = 'closed';

  constructor(
    private readonly upstream: string,
    private readonly rules: () => CircuitRules,
    private readonly clock: Clock,
    private readonly onState: (state: CircuitState) => void,
    private readonly sharing?: CircuitSharing,
  ) {}

  get state(): CircuitState {
    if (this.openedAt === undefined) return 'closed';
    return this.probing ? 'half-open' : 'open';
  }

  /** Until a probe may go out; 0 when closed. */
  get retryAfterMs(): number {
    if (this.openedAt === undefined) return 0;
    return Math.max(0, this.openedAt + this.rules().resetMs - this.clock.now());
  }

  /** A promise only when the leave to probe has to be asked of the other workers. */
  tryAcquire(): Pass | undefined | Promise<Pass | undefined> {
    if (this.openedAt === undefined) return this.pass(false);
    if (this.probing || this.retryAfterMs > 0) return undefined;
    this.probing = true;
    if (this.sharing === undefined) {
      this.tell();
      return this.pass(true);
    }
    return this.sharing.askProbe(this.upstream).then((granted) => {
      if (granted) this.tell();
      else this.probing = false;
      return granted ? this.pass(true) : undefined;
    });
  }

  /** What the workers have agreed on. */
  agree(shared: { state: 'closed' | 'open'; failures: number; openedAgoMs: number }): void {
    this.failures = shared.failures;
    if (shared.state === 'open') this.open(this.clock.now() - shared.openedAgoMs);
    else this.close();
  }

  private pass(isProbe: boolean): Pass {
    let isOver = false;
    const once = (ending: () => void) => () => {
      if (isOver) return;
      isOver = true;
      ending();
    };
    return {
      isProbe,
      succeed: once(() => this.succeeded(isProbe)),
      fail: once(() => this.failed(isProbe)),
      release: once(() => {
        if (isProbe) this.probeReleased();
      }),
    };
  }

  private succeeded(isProbe: boolean): void {
    if (this.sharing !== undefined) {
      if (isProbe) {
        this.sharing.probeEnded(this.upstream, 'success');
        this.close();
      } else this.sharing.report(this.upstream, 'success');
      return;
    }
    // A success of a call that began before the circuit opened says nothing of now.
    if (isProbe || this.openedAt === undefined) this.close();
  }

  private failed(isProbe: boolean): void {
    if (this.sharing !== undefined) {
      if (isProbe) {
        this.sharing.probeEnded(this.upstream, 'failure');
        this.open(this.clock.now());
      } else this.sharing.report(this.upstream, 'failure');
      return;
    }
    this.failures += 1;
    if (isProbe || (this.openedAt === undefined && this.failures >= this.rules().failuresMax)) this.open(this.clock.now());
  }

  private probeReleased(): void {
    this.probing = false;
    this.sharing?.probeEnded(this.upstream, 'none');
    this.tell();
  }

  private open(at: number): void {
    this.openedAt = at;
    this.probing = false;
    this.tell();
  }

  private close(): void {
    this.failures = 0;
    this.openedAt = undefined;
    this.probing = false;
    this.tell();
  }

  private tell(): void {
    if (this.state === this.told) return;
    this.told = this.state;
    this.onState(this.told);
  }
}
