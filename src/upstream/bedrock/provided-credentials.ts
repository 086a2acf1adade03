import { KeptCredentials, type ProvidedIdentity } from './kept-credentials.js';

/** What is used of `@aws-sdk/credential-provider-node`. */
export interface AwsCredentialLibrary {
  defaultProvider(options: { profile?: string }): () => Promise<ProvidedIdentity>;
}

/**
 * Credentials out of a profile, a single sign-on, a web identity, a container or the machine, in the order of AWS' own tools. The library is loaded
 * with the first call that needs it.
 */
export class ProvidedCredentials extends KeptCredentials {
  /** `profile`: its name; undefined: the one that `AWS_PROFILE` names, or the default. */
  constructor(
    profile: string | undefined,
    now?: () => number,
    load: () => Promise<AwsCredentialLibrary> = () => import('@aws-sdk/credential-provider-node'),
  ) {
    let provide: (() => Promise<ProvidedIdentity>) | undefined;
    super(async () => {
      provide ??= (await load()).defaultProvider(profile === undefined ? {} : { profile });
      return provide();
    }, now);
  }
}
