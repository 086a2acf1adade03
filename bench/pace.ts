/** How long and how often things are measured. */
export interface Pace {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
  readonly isQuick: boolean;
}

export const FULL: Pace = { rounds: 7, roundMs: 1_500, warmUpMs: 4_000, isQuick: false };
export const QUICK: Pace = { rounds: 3, roundMs: 400, warmUpMs: 800, isQuick: true };
