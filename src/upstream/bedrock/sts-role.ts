/** A role at AWS, and where it is assumed. */
export interface StsRole {
  /** `arn:aws:iam::123456789012:role/NAME`. */
  readonly arn: string;
  /** Under which AWS' own log names the calls. */
  readonly sessionName: string;
  /** What the role's owner wants to hear, if anything. */
  readonly externalId: string | undefined;
  /** Of the Security Token Service, with the region that a call is signed for. */
  readonly address: string;
  readonly region: string;
}
