/** Tokens of one call. `cached` is part of `input`, `reasoning` part of `output`. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly reasoning: number;
}
