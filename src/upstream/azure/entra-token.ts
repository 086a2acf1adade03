/** What Entra gave out. */
export interface EntraToken {
  readonly token: string;
  /** From the moment it was asked for. */
  readonly lifetimeMs: number;
}
