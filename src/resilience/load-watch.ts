export type Overload = 'event_loop' | 'memory';

/** What the process can be asked of itself, at one moment. */
export interface SelfView {
  /** Share of the time since the last look in which the event loop was not waiting for anything, 0 to 1. */
  busyShare(): number;
  /** Of the memory after whose end the kernel or V8 ends the process, 0 to 1. */
  memoryShare(): number;
  /** Bytes that the process may still grow by until `MEMORY_SHARE_MAX` of what the kernel allows; Infinity: no limit is known. */
  memoryLeft(): number;
  now(): number;
  /** In [0, 1). */
  random(): number;
}

/**
 * Turns away so many of the new calls that those already accepted stay fast: more while the event loop is busy and late, fewer when it
 * has caught up, all of them while memory is short. Looks fifty times a second; asking costs nothing. Before `start` it never refuses.
 */
export class LoadWatch {
  private timer: NodeJS.Timeout | undefined;
  private expectedAt = 0;
  private lateLooks = 0;
  private refusedShare = 0;
  private isMemoryShort = false;
  private leftBytes = Infinity;
  private reservedBytes = 0;
  private looks = 0;

  constructor(private readonly self: SelfView) {}

  start(): void {
    this.expectedAt = this.self.now() + LOOK_EVERY_MS;
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
    this.leftBytes = this.self.memoryLeft();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Why this new call cannot be taken; undefined: it can. */
  refuses(): Overload | undefined {
    if (this.isMemoryShort) return 'memory';
    return this.refusedShare > 0 && this.self.random() < this.refusedShare ? 'event_loop' : undefined;
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
    // Late without being busy: others have the processor, and refusing would gain nothing.
    const isBehind = lateMs > LATE_MS_MAX && this.self.busyShare() > BUSY_SHARE_MIN;
    // One long pause (a large body, a collection, new settings) is no overload; never being in time is.
    this.lateLooks = isBehind ? this.lateLooks + 1 : 0;
    if (this.lateLooks >= LATE_LOOKS_MIN || (isBehind && this.refusedShare > 0))
      this.refusedShare = Math.min(REFUSED_SHARE_MAX, this.refusedShare + STEP_UP * (lateMs / LATE_MS_MAX));
    else this.refusedShare = Math.max(0, this.refusedShare - STEP_DOWN);
    if (this.looks++ % MEMORY_EVERY_LOOKS !== 0) return;
    const share = this.self.memoryShare();
    this.leftBytes = this.self.memoryLeft();
    this.isMemoryShort = share > (this.isMemoryShort ? MEMORY_SHARE_BACK : MEMORY_SHARE_MAX);
  }
}

const LOOK_EVERY_MS = 20;
/** So many looks in a row, each late: about half a second. */
const LATE_LOOKS_MIN = 8;
const LATE_MS_MAX = 40;
const BUSY_SHARE_MIN = 0.9;
const STEP_UP = 0.05;
const STEP_DOWN = 0.02;
/** Somebody is always let in, so that the end of the overload is noticed. */
const REFUSED_SHARE_MAX = 0.95;
const MEMORY_EVERY_LOOKS = 5;
/** As it came, and as it goes on; what is resident already is counted again, to be safe. */
const BYTES_PER_BODY_BYTE = 2;
/** Exported for whoever tells what is left. */
export const MEMORY_SHARE_MAX = 0.85;
const MEMORY_SHARE_BACK = 0.8;
