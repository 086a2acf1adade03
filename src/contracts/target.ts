import type { UpstreamSettings } from './gateway-settings.js';

/** One place a call may go. */
export interface Target {
  readonly upstream: UpstreamSettings;
  /** The model name sent upstream. */
  readonly model: string;
  /** The model name the client sees in the answer: the one asked for, or after a fallback the upstream's configured name. */
  readonly answersAs: string;
}

/** The targets of a call in the order to try. */
export type RoutePlan = readonly [Target, ...Target[]];
