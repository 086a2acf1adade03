/** An amount to take from a bucket that holds `capacity` and gains `refillPerMinute`. */
export interface Charge {
  /** Names the bucket: letters, digits, `:`; at most 64 characters. */
  readonly bucket: string;
  readonly capacity: number;
  readonly refillPerMinute: number;
  /** 0: a look. Nothing is taken. */
  readonly cost: number;
  /** What another store knew of this bucket, in milliseconds until it is full: it holds no more than that says. */
  readonly debtMs?: number;
}

/** A refusal is an answer, not an error. `remaining` and `resetMs` (until full again) speak of the bucket after the decision. */
export interface RateDecision {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly resetMs: number;
  /** Until the charge would fit; 0 when allowed. */
  readonly retryAfterMs: number;
}

/** The store cannot say, and the operator chose `deny`. */
export type StoreUnavailable = 'store_unavailable';

/** Whether the store that all replicas share answers; `none`: there is none, this machine counts alone. */
export type SharedStoreStatus = 'up' | 'down' | 'none';
