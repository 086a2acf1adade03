export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of credentials that were given for a while. */
  readonly sessionToken: string | undefined;
}

/** Whoever knows the credentials of this gateway at AWS. Throws or rejects when there are none; asked again, it tries again. */
export abstract class AwsCredentialSource {
  /** At once where they are known. */
  abstract credentials(): AwsCredentials | Promise<AwsCredentials>;
}
