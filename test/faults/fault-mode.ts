import type { FaultCall } from './fault-call.js';

/** One way to answer. `usage` is its name with its arguments as they stand in the path; defaults follow `=`. */
export interface FaultMode {
  readonly usage: string;
  readonly what: string;
  readonly play: (call: FaultCall) => void;
}
