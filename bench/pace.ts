/** How long and how often things are measured. */
export interface Pace {
  readonly rounds: number;
  readonly roundMs: number;
  /** Rounds in which a call was refused, as a gateway does that is kept waiting for its core: so many are measured again. */
  readonly disturbedMax: number;
  readonly warmUpMs: number;
  /** Content events of a stream, one every 5 ms: no round of streams is shorter than one of them. */
  readonly streamEvents: number;
  /** Before a gateway that has nothing to do counts as at rest. */
  readonly restMs: number;
  /** Fewer points of a curve, fewer starts. */
  readonly isQuick: boolean;
}

export const FULL: Pace = { rounds: 7, roundMs: 1_500, disturbedMax: 7, warmUpMs: 4_000, streamEvents: 200, restMs: 3_000, isQuick: false };
export const QUICK: Pace = { rounds: 3, roundMs: 400, disturbedMax: 3, warmUpMs: 800, streamEvents: 200, restMs: 3_000, isQuick: true };
/** Tells only that everything runs and gives figures. */
export const SMOKE: Pace = { rounds: 2, roundMs: 100, disturbedMax: 50, warmUpMs: 100, streamEvents: 20, restMs: 100, isQuick: true };
