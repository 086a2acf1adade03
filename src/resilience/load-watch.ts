import { TurnShares } from './turn-shares.js';

export type Overload = 'event_loop' | 'memory';

/** What the process can be asked of itself, at one moment. */
export interface SelfView {
  /** Share of the time since the last look in which the event loop was not waiting for anything, 0 to 1. */
  busyShare(): number;
  /** Processor time of the event loop's thread, milliseconds since any moment. */
  processorMs(): number;
  /** Of the memory after whose end the kernel or V8 ends the process, 0 to 1. */
  memoryShare(): number;
  /** Bytes that the process may still grow by until `MEMORY_SHARE_MAX` of what the kernel allows; Infinity: no limit is known. */
  memoryLeft(): number;
  now(): number;
}

/**
 * Turns away so many of the new calls that those already accepted stay fast, and all of them while memory is short. Its looks come at the
 * begin of a turn of the event loop. Once several turns in a row were too long, a turn lets in calls for its first part only: whoever is found
 * later has waited for longer already, and is told so cheaply, so that the next turn comes soon. Where others have the processor too, a turn
 * is long without much being done in it: it is given more time then, since refusing saves the less. Before `start` it never refuses.
 */
export class LoadWatch {
  private timer: NodeJS.Timeout | undefined;
  private expectedAt = 0;
  private lookedAt = 0;
  private processorMsAtLook = 0;
  /** No more is let in until the next look. */
  private isTurnOver = false;
  private lateLooks = 0;
  /** So many more looks in time, and the overload is over. */
  private alertLooks = 0;
  private readonly shares = new TurnShares();
  private isMemoryShort = false;
  private leftBytes = Infinity;
  private reservedBytes = 0;
  private looks = 0;

  constructor(private readonly self: SelfView) {}

  start(): void {
    this.expectedAt = this.self.now() + LOOK_EVERY_MS;
    this.processorMsAtLook = this.self.processorMs();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
    this.leftBytes = this.self.memoryLeft();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Nobody is refused now: who is calling need not be found out. */
  get isCalm(): boolean {
    return this.alertLooks === 0 && !this.isMemoryShort;
  }

  /** Why this new call cannot be taken; undefined: it can. `caller` is the credential that comes with it, unproven. */
  refuses(caller: string): Overload | undefined {
    if (this.isMemoryShort) return 'memory';
    if (this.alertLooks === 0) return undefined;
    this.isTurnOver ||= this.isLong(this.self.now() - this.lookedAt, TURN_MS_MAX);
    if (this.isTurnOver && this.shares.inTime >= LET_IN_MIN) {
      this.alertLooks = ALERT_LOOKS;
      return this.shares.enterLate(caller) ? undefined : 'event_loop';
    }
    this.shares.enter(caller);
    return undefined;
  }

  /** Room for a body that is about to be read. What comes at once must not be let in at once: memory is looked at too seldom for that. */
  reserve(bytes: number): boolean {
    if ((this.reservedBytes + bytes) * BYTES_PER_BODY_BYTE > this.leftBytes) return false;
    this.reservedBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.reservedBytes -= bytes;
  }

  look(): void {
    const now = this.self.now();
    const lateMs = Math.max(0, now - this.expectedAt);
    this.expectedAt = now + LOOK_EVERY_MS;
    this.isTurnOver = false;
    this.shares.begin();
    // Late without being busy: others have the processor, and refusing would gain nothing.
    const isBehind = this.isLong(lateMs, LATE_MS_MAX) && this.self.busyShare() > BUSY_SHARE_MIN;
    this.lookedAt = now;
    this.processorMsAtLook = this.self.processorMs();
    // One long pause (a large body, a collection, new settings) is no overload; never being in time is.
    this.lateLooks = isBehind ? this.lateLooks + 1 : 0;
    if (this.lateLooks >= LATE_LOOKS_MIN) this.alertLooks = ALERT_LOOKS;
    else if (this.alertLooks > 0) this.alertLooks -= 1;
    if (this.looks++ % MEMORY_EVERY_LOOKS !== 0) return;
    const share = this.self.memoryShare();
    this.leftBytes = this.self.memoryLeft();
    this.isMemoryShort = share > (this.isMemoryShort ? MEMORY_SHARE_BACK : MEMORY_SHARE_MAX);
  }

  /** Of the time since the last look: whether it is too long for one turn, of which `max` may have been spent on work of our own. */
  private isLong(ms: number, max: number): boolean {
    return ms > SHARED_TURN_MS_MAX || (ms > max && this.self.processorMs() - this.processorMsAtLook > max);
  }
}

const LOOK_EVERY_MS = 10;
/** A pause makes the turn after it long as well, by what came meanwhile; at a load that fits, the third is short again. */
const LATE_LOOKS_MIN = 3;
const BUSY_SHARE_MIN = 0.9;
const LATE_MS_MAX = 20;
/** How far into a turn calls are let in. A refused call waits for up to two turns, since it comes in the middle of one, and each has its refusals too. */
const TURN_MS_MAX = 15;
/** Either, where the processor is shared. */
const SHARED_TURN_MS_MAX = 50;
/** In every turn, so that a few calls pass between others that cost more than a turn each, and the end of the overload is noticed. */
const LET_IN_MIN = 2;
/** About a second. */
const ALERT_LOOKS = 100;
const MEMORY_EVERY_LOOKS = 10;
/** As it came, and as it goes on; what is resident already is counted again, to be safe. */
const BYTES_PER_BODY_BYTE = 2;
/** Exported for whoever tells what is left. */
export const MEMORY_SHARE_MAX = 0.85;
const MEMORY_SHARE_BACK = 0.8;
