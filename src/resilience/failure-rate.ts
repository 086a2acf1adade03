import type { Clock } from '../contracts/clock.js';

/** Share of failures over the last half minute, in slices of three seconds: constant memory at any rate of calls. */
export class FailureRate {
  private readonly slices = Array.from({ length: SLICES }, () => ({ at: -Infinity, calls: 0, failures: 0 }));

  constructor(private readonly clock: Clock) {}

  count(failed: boolean): void {
    const at = Math.floor(this.clock.now() / SLICE_MS);
    const slice = this.slices[((at % SLICES) + SLICES) % SLICES];
    if (slice === undefined) return;
    if (slice.at !== at) Object.assign(slice, { at, calls: 0, failures: 0 });
    slice.calls += 1;
    if (failed) slice.failures += 1;
  }

  /** 0 to 100; 0 while there were too few calls to tell. */
  get percent(): number {
    const oldest = Math.floor(this.clock.now() / SLICE_MS) - SLICES;
    let [calls, failures] = [0, 0];
    for (const slice of this.slices) {
      if (slice.at <= oldest) continue;
      calls += slice.calls;
      failures += slice.failures;
    }
    return calls < CALLS_MIN ? 0 : (failures / calls) * 100;
  }

  reset(): void {
    for (const slice of this.slices) slice.at = -Infinity;
  }
}

const SLICES = 10;
const SLICE_MS = 3_000;
const CALLS_MIN = 20;
