import { monotonicClock, type Clock } from '../contracts/clock.js';

/**
 * One timer that is put off far more often than it rings (at every event of a stream), so putting off costs two numbers:
 * the timer is set again only when it fires too early. Call `stop` in the end, or it keeps its owner alive.
 */
export class Alarm {
  private dueAt = Infinity;
  private timerAt = Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** `lateMs` tells how long this process itself was too busy to notice. */
    private readonly ring: (lateMs: number) => void,
    private readonly clock: Clock = monotonicClock,
  ) {}

  /** Rings `afterMs` from now, whatever was set before. */
  set(afterMs: number): void {
    this.dueAt = this.clock.now() + afterMs;
    if (this.dueAt < this.timerAt) this.arm();
  }

  stop(): void {
    this.dueAt = Infinity;
    this.timerAt = Infinity;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private arm(): void {
    clearTimeout(this.timer);
    this.timerAt = this.dueAt;
    if (this.dueAt === Infinity) return;
    this.timer = setTimeout(() => this.fired(), Math.max(0, this.dueAt - this.clock.now()));
  }

  private fired(): void {
    this.timerAt = Infinity;
    const lateMs = this.clock.now() - this.dueAt;
    // Timers may fire a fraction of a millisecond early.
    if (lateMs < -1) return this.arm();
    this.dueAt = Infinity;
    this.ring(Math.max(0, lateMs));
  }
}
