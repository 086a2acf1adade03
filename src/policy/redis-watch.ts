import { type Clock, monotonicClock } from '../contracts/clock.js';

/**
 * Whether Redis may be asked. One failure is enough to stop asking; from then on a probe that no request waits for decides.
 * A Redis that comes and goes has to answer more probes in a row each time, so neither requests nor the log suffer from it.
 */
export class RedisWatch {
  private up = false;
  private isClosed = false;
  private upAt = -Infinity;
  private probesNeeded = 1;
  private probesGood = 0;
  /** The probe that is under way; an answer to an earlier one is ignored. */
  private probe = 0;
  private isProbing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** Does what a take does; rejects when that fails. */
    private readonly tryRedis: () => Promise<unknown>,
    private readonly onState: (up: boolean) => void,
    private readonly clock: Clock = monotonicClock,
  ) {}

  get isUp(): boolean {
    return this.up;
  }

  /** A take failed, or the line is lost. */
  failed(): void {
    if (!this.up || this.isClosed) return;
    this.up = false;
    const wasUpMs = this.clock.now() - this.upAt;
    this.probesNeeded = wasUpMs < STEADY_MS ? Math.min(PROBES_MAX, this.probesNeeded * 2) : 1;
    this.probesGood = 0;
    this.onState(false);
    this.startProbe();
  }

  /** There is a line (again): worth a probe now. */
  lineOpened(): void {
    if (this.up || this.isClosed) return;
    this.startProbe();
  }

  /** The first probe found nobody: a later one may. */
  watch(): void {
    if (!this.up && !this.isProbing) this.startProbe();
  }

  close(): void {
    this.isClosed = true;
    this.up = false;
    clearTimeout(this.timer);
  }

  private startProbe(): void {
    clearTimeout(this.timer);
    const probe = ++this.probe;
    const began = this.clock.now();
    this.isProbing = true;
    // Whatever becomes of it, there will be another.
    this.timer = setTimeout(() => this.probed(probe, false, PROBE_EVERY_MS), PROBE_LOST_MS);
    this.tryRedis().then(
      () => {
        const isQuick = this.clock.now() - began <= QUICK_MS;
        // A late answer is one that has just woken: ask again at once.
        this.probed(probe, isQuick, isQuick ? PROBE_EVERY_MS : 0);
      },
      () => this.probed(probe, false, PROBE_EVERY_MS),
    );
  }

  private probed(probe: number, isGood: boolean, againAfterMs: number): void {
    if (probe !== this.probe || !this.isProbing || this.isClosed) return;
    this.isProbing = false;
    clearTimeout(this.timer);
    this.probesGood = isGood ? this.probesGood + 1 : 0;
    if (this.probesGood < this.probesNeeded) {
      this.timer = setTimeout(() => this.startProbe(), againAfterMs);
      return;
    }
    this.up = true;
    this.upAt = this.clock.now();
    this.onState(true);
  }
}

const PROBE_EVERY_MS = 200;
const PROBE_LOST_MS = 2000;
/** An answer that takes longer would be too late for a request. */
const QUICK_MS = 90;
const STEADY_MS = 10_000;
const PROBES_MAX = 8;
