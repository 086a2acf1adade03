import type { Clock } from './product.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
  isCleared: boolean;
}

/**
 * Time that passes as fast as the work in it allows. The product's timers and promises run in it as they are: its `setTimeout` is
 * this one while `run` lasts, and between two moments everything that was promised is kept.
 */
export class VirtualTime implements Clock {
  private moment = 0;
  private order = 0;
  private readonly heap: Timer[] = [];

  now(): number {
    return this.moment;
  }

  /** After so many milliseconds; two of one moment in the order in which they were asked for. */
  after(ms: number, work: () => void): Timer {
    const timer = { at: this.moment + Math.max(0, ms), order: this.order++, work, isCleared: false };
    this.push(timer);
    return timer;
  }

  /** Until the end, or until nothing is left to happen. */
  async run(untilMs: number): Promise<void> {
    const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, setImmediate: globalThis.setImmediate };
    Object.assign(globalThis, {
      setTimeout: (work: () => void, ms = 0) => this.after(ms, work),
      clearTimeout: (timer: Timer | undefined) => {
        if (timer !== undefined) timer.isCleared = true;
      },
      setImmediate: (work: () => void) => this.after(0, work),
    });
    try {
      for (let next = this.pop(); next !== undefined && next.at <= untilMs; next = this.pop()) {
        if (next.isCleared) continue;
        this.moment = next.at;
        next.work();
        // As many turns as the longest chain of promises has links, and some.
        for (let turn = 0; turn < PROMISE_TURNS; turn++) await undefined;
      }
      this.moment = untilMs;
    } finally {
      Object.assign(globalThis, real);
    }
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, timer)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = timer;
  }

  private pop(): Timer | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = index * 2 + 1;
      let child = heap[below];
      if (child === undefined) break;
      const other = heap[below + 1];
      if (other !== undefined && isBefore(other, child)) {
        child = other;
        below += 1;
      }
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = last;
    return first;
  }
}

const PROMISE_TURNS = 10;

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
