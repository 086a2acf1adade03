import type { LitellmValue } from './litellm-value.js';

/** One entry of `model_list` that is carried over. */
export interface Deployment {
  readonly at: LitellmValue;
  /** What clients ask for. */
  readonly name: string;
  /** The upstream, as our file writes it. */
  readonly fields: ReadonlyMap<string, string | number>;
  /** What LiteLLM shares calls by, the first of these that any of a name's deployments has. */
  readonly shares: { readonly [by in ShareWord]?: number };
  /** The lowest is tried first. */
  readonly order: number | undefined;
}

export const SHARE_WORDS = ['weight', 'rpm', 'tpm'] as const;
export type ShareWord = (typeof SHARE_WORDS)[number];
