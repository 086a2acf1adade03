import { type AwsCredentials, AwsCredentialSource } from './aws-credentials.js';

/** Credentials that the settings hold. */
export class FixedCredentials extends AwsCredentialSource {
  constructor(private readonly known: AwsCredentials) {
    super();
  }

  override credentials(): AwsCredentials {
    return this.known;
  }
}
