/** Time that only moves forward, in milliseconds, from an arbitrary start. Wall-clock steps never reach a decision. */
export interface Clock {
  now(): number;
}

export const monotonicClock: Clock = { now: () => performance.now() };
