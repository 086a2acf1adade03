import { Alarm } from './alarm.js';

/**
 * What is waited for within one attempt, one thing at a time, and never beyond the whole call's time. A process that was too busy to
 * read blames nobody: when its alarm comes late, what was sent in time may lie in the socket still, and gets one moment more.
 */
export class Deadline {
  private readonly alarm = new Alarm((lateMs) => this.rang(lateMs));
  private wasExcused = false;

  constructor(
    private readonly totalLeftMs: () => number,
    private readonly missed: () => void,
  ) {}

  /** Due that much from now, or when the call's time is up; Infinity: then alone. */
  set(ms: number): void {
    this.alarm.set(Math.min(ms, this.totalLeftMs()));
  }

  /** Due that much from now, whatever time the call has left. */
  setBeyondTotal(ms: number): void {
    this.alarm.set(ms);
  }

  stop(): void {
    this.alarm.stop();
  }

  /** Something arrived, so that a late alarm would be excused anew. */
  heard(): void {
    this.wasExcused = false;
  }

  get isTotalUp(): boolean {
    return this.totalLeftMs() <= TIMER_EARLY_MS;
  }

  private rang(lateMs: number): void {
    if (lateMs <= STARVED_MS || this.wasExcused) return this.missed();
    this.wasExcused = true;
    this.alarm.set(Math.min(lateMs, EXCUSE_MS_MAX));
  }
}

const STARVED_MS = 50;
const EXCUSE_MS_MAX = 500;
const TIMER_EARLY_MS = 1;
