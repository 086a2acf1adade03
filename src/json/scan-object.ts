/** Where a top-level value stands in the bytes: `[start, end)`. */
export interface FieldSpan {
  readonly start: number;
  readonly end: number;
}

export interface ObjectScan {
  /** Every top-level field by its decoded name. */
  readonly fields: ReadonlyMap<string, FieldSpan>;
  /** Names that stand twice or more at the top level. */
  readonly duplicates: ReadonlySet<string>;
  /** Offset of the closing brace, where a further field can be put. */
  readonly closeAt: number;
}
