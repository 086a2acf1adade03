import type { Kit } from './kit.js';

/** What a row saw. `figure` is what is worth publishing of it. */
export interface Observation {
  readonly passed: boolean;
  readonly observed: string;
  readonly figure: string;
}

/** An invariant that a row breaks by its nature. */
export type Waiver = 'steady' | 'steady-time' | 'alive' | 'client-count' | 'ledger-count' | 'ledger-keys' | 'conservation' | 'files';

/**
 * One fault or abuse, and what must come of it. Rows of the same settings share one gateway, which must come through all of
 * them; those that prepare something get a fresh one. `upstreams`: names of the row's own and how each goes wrong: a mode of the fault server,
 * `chaos+MODE` for one behind a proxy, `refused`, `deaf`, or a whole address; options of the gateway may follow `?`.
 */
export interface FaultRow {
  readonly name: string;
  /** `quick` runs in CI. */
  readonly lane: 'quick' | 'full';
  readonly expected: string;
  readonly upstreams?: Readonly<Record<string, string>>;
  readonly fallbacks?: Readonly<Record<string, readonly string[]>>;
  readonly settings?: Readonly<Record<string, string>>;
  /** Starts what must be there before the gateway, and tells the settings that come of it. */
  readonly prepare?: (kit: Kit) => Promise<Readonly<Record<string, string>>>;
  readonly waives?: readonly Waiver[];
  readonly run: (kit: Kit) => Promise<Observation>;
}

export interface RowClass {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly FaultRow[];
}
