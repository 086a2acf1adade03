import type { Clock } from '../../src/contracts/clock.js';

/** Time that stands still until it is moved. */
export class HandClock implements Clock {
  constructor(private time = 1_000_000) {}

  now(): number {
    return this.time;
  }

  advance(ms: number): void {
    this.time += ms;
  }
}
