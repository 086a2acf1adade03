/** What a route gives an upstream, beside the shares of the others. 0: no first choice ever, but a last resort. */
export interface Share {
  readonly name: string;
  readonly weight: number;
}
