/** What somebody who lets others in gave out. */
export interface GivenToken {
  readonly token: string;
  /** From the moment it was asked for. */
  readonly lifetimeMs: number;
}
