import type { CircuitSharing, SharedCircuit } from '../contracts/circuit-sharing.js';
import type { Clock } from '../contracts/clock.js';
import { FailureRate } from './failure-rate.js';
import { FailureTally } from './failure-tally.js';

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
  /** Share of failures that opens it too, in percent; 0: never. */
  readonly failurePercent: number;
}

/**
 * Closed until so many failures in a row, or (where it is asked for) too large a share of failures; then open for the reset time;
 * then one probe, whose verdict closes or opens it again. Where workers share their circuits, the count of failures in a row and
 * the leave to probe are theirs together, and this is the local copy.
 */
export class CircuitBreaker {
  private readonly tally = new FailureTally();
  private readonly rate: FailureRate;
  private openedAt: number | undefined;
  private opener: 'row' | 'rate' = 'row';
  private probing = false;
  /** Failures in a row over all workers, as last told. */
  private sharedFailures = 0;
  private told: CircuitState = 'closed';
  private lastCaller = '';
  private callerChangedAt = -Infinity;
  /** When it last closed after having been open. */
  private reclosedAt = -Infinity;

  constructor(
    private readonly upstream: string,
    private readonly rules: () => CircuitRules,
    private readonly clock: Clock,
    private readonly onState: (state: CircuitState) => void,
    private readonly sharing?: CircuitSharing,
  ) {
    this.rate = new FailureRate(clock);
  }

  get state(): CircuitState {
    if (this.openedAt === undefined) return 'closed';
    return this.probing ? 'half-open' : 'open';
  }

  /** Until a probe may go out; 0 when closed. */
  get retryAfterMs(): number {
    if (this.openedAt === undefined) return 0;
    return Math.max(0, this.openedAt + this.rules().resetMs - this.clock.now());
  }

  /** It was opened by its share of failures: some of its calls succeed, so a call that has nowhere else to go may try. */
  get isMerelyBad(): boolean {
    return this.openedAt !== undefined && this.opener === 'rate';
  }

  /** Share of failures lately, 0 to 100. */
  get failurePercent(): number {
    return this.rate.percent;
  }

  /** 0.1 just after it closed again, rising to 1: what just recovered is not run over. */
  get warmth(): number {
    return Math.min(1, Math.max(WARMTH_MIN, (this.clock.now() - this.reclosedAt) / WARM_UP_MS));
  }

  /** A promise only when the leave to probe has to be asked of the other workers. */
  tryAcquire(principal: string): Pass | undefined | Promise<Pass | undefined> {
    if (principal !== this.lastCaller) {
      if (this.lastCaller !== '') this.callerChangedAt = this.clock.now();
      this.lastCaller = principal;
    }
    if (this.openedAt === undefined) return this.pass(principal, false);
    if (this.probing || this.retryAfterMs > 0) return undefined;
    this.probing = true;
    if (this.sharing === undefined) {
      this.tell();
      return this.pass(principal, true);
    }
    return this.sharing.askProbe(this.upstream).then((granted) => {
      if (this.openedAt === undefined) {
        // It was closed meanwhile: there is nothing left to probe.
        if (granted) this.sharing?.probeEnded(this.upstream, 'none');
        return this.pass(principal, false);
      }
      this.probing = granted;
      this.tell();
      return granted ? this.pass(principal, true) : undefined;
    });
  }

  /** A pass through a circuit that is merely bad. */
  force(principal: string): Pass {
    return this.pass(principal, false);
  }

  /** What the workers have agreed on. */
  agree(shared: SharedCircuit): void {
    if (shared.state === 'open') this.agreeOpen(this.clock.now() - shared.openedAgoMs);
    else if (this.openedAt !== undefined && this.opener === 'row') this.close();
    this.sharedFailures = shared.failures;
  }

  private pass(principal: string, isProbe: boolean): Pass {
    return new CircuitPass(this, principal, isProbe);
  }

  /** What became of a call, by its pass. */
  judge(pass: Pass, principal: string, verdict: Verdict): void {
    if (pass.isProbe) this.probed(verdict);
    else if (verdict !== 'none') this.counted(verdict, principal);
  }

  private probed(verdict: Verdict): void {
    this.sharing?.probeEnded(this.upstream, verdict);
    if (verdict === 'success') return this.close();
    if (verdict === 'failure') return this.open(this.clock.now(), this.opener);
    this.probing = false;
    this.tell();
  }

  private counted(verdict: 'success' | 'failure', principal: string): void {
    const { failuresMax, failurePercent } = this.rules();
    if (failurePercent > 0) this.rate.count(verdict === 'failure');
    // A success of a call that began before the circuit opened says nothing of now.
    if (verdict === 'success') {
      this.tally.reset();
      if (this.sharing !== undefined && this.sharedFailures > 0)
        this.sharing.report({ upstream: this.upstream, verdict, principal, severalCall: false });
      return;
    }
    const severalCall = this.clock.now() - this.callerChangedAt < CALLERS_MS;
    if (this.sharing !== undefined) this.sharing.report({ upstream: this.upstream, verdict, principal, severalCall });
    else if (this.openedAt === undefined && this.tally.failed(principal, severalCall, failuresMax)) this.open(this.clock.now(), 'row');
    if (this.openedAt === undefined && failurePercent > 0 && this.rate.percent >= failurePercent) this.open(this.clock.now(), 'rate');
  }

  private agreeOpen(at: number): void {
    if (!this.probing) return this.open(at, 'row');
    // A probe of ours that is out, or asked for, is still ours to end.
    this.openedAt = at;
    this.opener = 'row';
  }

  private open(at: number, opener: 'row' | 'rate'): void {
    this.openedAt = at;
    this.opener = opener;
    this.probing = false;
    this.tell();
  }

  private close(): void {
    this.tally.reset();
    this.rate.reset();
    this.sharedFailures = 0;
    if (this.openedAt !== undefined) this.reclosedAt = this.clock.now();
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

/** `none`: the client left, or the fault was not the upstream's. */
type Verdict = 'success' | 'failure' | 'none';

class CircuitPass implements Pass {
  private isOver = false;

  constructor(
    private readonly circuit: CircuitBreaker,
    private readonly principal: string,
    readonly isProbe: boolean,
  ) {}

  succeed(): void {
    this.end('success');
  }

  fail(): void {
    this.end('failure');
  }

  release(): void {
    this.end('none');
  }

  private end(verdict: Verdict): void {
    if (this.isOver) return;
    this.isOver = true;
    this.circuit.judge(this, this.principal, verdict);
  }
}

/** Several principals call an upstream when the caller changed within this time. */
const CALLERS_MS = 30_000;
const WARM_UP_MS = 10_000;
const WARMTH_MIN = 0.1;
