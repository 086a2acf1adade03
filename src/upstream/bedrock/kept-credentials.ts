import { type AwsCredentials, AwsCredentialSource } from './aws-credentials.js';

/** Credentials that are given for a while. */
export interface ProvidedIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Credentials that somebody gives out, kept until five minutes before their end. Calls at the same time wait for one answer; after a failure the next call asks anew. */
export class KeptCredentials extends AwsCredentialSource {
  private asked: Promise<AwsCredentials> | undefined;
  private known: AwsCredentials | undefined;
  private goodUntilMs = 0;

  constructor(
    private readonly provide: () => Promise<ProvidedIdentity>,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override credentials(): AwsCredentials | Promise<AwsCredentials> {
    if (this.known !== undefined && this.now() < this.goodUntilMs) return this.known;
    this.asked ??= this.ask().finally(() => (this.asked = undefined));
    return this.asked;
  }

  private async ask(): Promise<AwsCredentials> {
    try {
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await this.provide();
      this.known = { accessKeyId, secretAccessKey, sessionToken };
      this.goodUntilMs = expiration === undefined ? this.now() + KEPT_MS : expiration.getTime() - EARLY_MS;
      return this.known;
    } catch (error) {
      throw reason(error);
    }
  }
}

const EARLY_MS = 5 * 60_000;
/** Credentials without an end may be changed in the file they stand in. */
const KEPT_MS = 5 * 60_000;

/** What went wrong, for the log, without what a library hangs on it, and without anything that looks like a secret. */
function reason(error: unknown): Error {
  const message = error instanceof Error ? error.message.replace(/^AWS gave no credentials: /, '') : '';
  return new Error(`AWS gave no credentials: ${message.replaceAll(/[A-Za-z0-9_+/=.-]{32,}/g, '…').slice(0, 300)}`);
}
