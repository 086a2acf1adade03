import type { Clock } from '../contracts/clock.js';
import { RecentCallers } from './recent-callers.js';

/**
 * Lets at most so many calls at one upstream at a time. The last eighth of the slots is for principals who hold less than their fair share,
 * so that whoever asks for everything cannot lock the others out; one who is alone may have it all. Who may wait, waits behind those whose
 * principal holds less, else in order of arrival, and never longer than he said.
 * The number may change between calls: with more slots those who wait are let in at the next arrival, with fewer only once it fits.
 */
export class ConcurrencyGate {
  private inside = 0;
  private max = 1;
  private readonly held = new Map<string, number>();
  private readonly callers: RecentCallers;
  private readonly waiting = new Map<string, Set<(entered: boolean) => void>>();

  constructor(clock: Clock) {
    this.callers = new RecentCallers(clock);
  }

  get active(): number {
    return this.inside;
  }

  tryEnter(max: number, principal: string): boolean {
    this.max = max;
    this.callers.add(principal);
    this.admit();
    if (!this.hasRoomFor(principal)) return false;
    this.enter(principal);
    return true;
  }

  /** Resolves to false when the time is up or `giveUp` was called; nobody is let in after that. */
  wait(waitMs: number, principal: string): { readonly entered: Promise<boolean>; giveUp(): void } {
    let settle: (entered: boolean) => void = () => {};
    const entered = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => settle(false), waitMs);
      settle = (isIn) => {
        clearTimeout(timer);
        this.forget(principal, settle);
        resolve(isIn);
      };
      const queue = this.waiting.get(principal);
      if (queue === undefined) this.waiting.set(principal, new Set([settle]));
      else queue.add(settle);
    });
    return { entered, giveUp: () => settle(false) };
  }

  leave(principal: string): void {
    this.inside -= 1;
    const left = this.holds(principal) - 1;
    if (left > 0) this.held.set(principal, left);
    else this.held.delete(principal);
    this.admit();
  }

  private admit(): void {
    for (let next = this.next(); next !== undefined && this.hasRoomFor(next.principal); next = this.next()) {
      this.enter(next.principal);
      next.settle(true);
    }
  }

  /** Of those who wait, the first of the principal that holds the fewest. Who holds the fewest is let in if anyone is. */
  private next(): { principal: string; settle(entered: boolean): void } | undefined {
    let fewest: { principal: string; held: number; settle(entered: boolean): void } | undefined;
    for (const [principal, [settle]] of this.waiting) {
      const held = this.holds(principal);
      if (settle !== undefined && (fewest === undefined || held < fewest.held)) fewest = { principal, held, settle };
    }
    return fewest;
  }

  private hasRoomFor(principal: string): boolean {
    const free = this.max - this.inside;
    if (free <= 0) return false;
    return free > reserveOf(this.max) || this.callers.count <= 1 || this.holds(principal) < this.max / this.callers.count;
  }

  private enter(principal: string): void {
    this.inside += 1;
    this.held.set(principal, this.holds(principal) + 1);
  }

  private holds(principal: string): number {
    return this.held.get(principal) ?? 0;
  }

  private forget(principal: string, settle: (entered: boolean) => void): void {
    const queue = this.waiting.get(principal);
    queue?.delete(settle);
    if (queue?.size === 0) this.waiting.delete(principal);
  }
}

/** Of too few nothing can be kept back. */
function reserveOf(max: number): number {
  return max < RESERVE_FROM ? 0 : Math.ceil(max / RESERVED_PART);
}

const RESERVE_FROM = 4;
const RESERVED_PART = 8;
