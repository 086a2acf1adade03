import { type AwsCredentials, AwsCredentialSource } from './aws-credentials.js';

/** What is used of `@aws-sdk/credential-provider-node`. */
export interface AwsCredentialLibrary {
  defaultProvider(options: { profile?: string }): () => Promise<ProvidedIdentity>;
}

interface ProvidedIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/**
 * Credentials out of a profile, a single sign-on, a web identity, a container or the machine, in the order of AWS' own tools. The library is loaded
 * with the first call that needs it. They are kept until five minutes before their end; calls at the same time wait for one answer; after a
 * failure the next call asks anew.
 */
export class ProvidedCredentials extends AwsCredentialSource {
  private provide: (() => Promise<ProvidedIdentity>) | undefined;
  private asked: Promise<AwsCredentials> | undefined;
  private known: AwsCredentials | undefined;
  private goodUntilMs = 0;

  /** `profile`: its name; undefined: the one that `AWS_PROFILE` names, or the default. */
  constructor(
    private readonly profile: string | undefined,
    private readonly now: () => number = Date.now,
    private readonly load: () => Promise<AwsCredentialLibrary> = () => import('@aws-sdk/credential-provider-node'),
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
      this.provide ??= (await this.load()).defaultProvider(this.profile === undefined ? {} : { profile: this.profile });
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

/** What went wrong, for the log, without what the library hangs on it, and without anything that looks like a secret. */
function reason(error: unknown): Error {
  const message = error instanceof Error ? error.message : '';
  return new Error(`AWS gave no credentials: ${message.replaceAll(/[A-Za-z0-9_+/=.-]{32,}/g, '…').slice(0, 300)}`);
}
