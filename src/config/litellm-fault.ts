/** What keeps a `litellm://` name from leading anywhere. */
export interface LitellmFault {
  /** The variable at fault; undefined: the name itself. */
  readonly variable?: string;
  /** The upstream's own option at fault. */
  readonly option?: string;
  readonly fault: string;
  readonly fix: string;
}
