import { type AwsCredentials, AwsCredentialSource } from './aws-credentials.js';

/** Credentials that stand in the environment. */
export class FixedCredentials extends AwsCredentialSource {
  /** undefined: `AWS_ACCESS_KEY_ID` or `AWS_SECRET_ACCESS_KEY` is not set. */
  static of(variable: (name: string) => string | undefined): FixedCredentials | undefined {
    const accessKeyId = variable('AWS_ACCESS_KEY_ID');
    const secretAccessKey = variable('AWS_SECRET_ACCESS_KEY');
    if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
    return new FixedCredentials({ accessKeyId, secretAccessKey, sessionToken: variable('AWS_SESSION_TOKEN') });
  }

  constructor(private readonly known: AwsCredentials) {
    super();
  }

  override credentials(): AwsCredentials {
    return this.known;
  }
}
