import type { AccessTokens } from '../access-tokens.js';

/** What has to be known of an Azure resource beside its address. */
export interface AzureOptions {
  /** `2025-02-01-preview`; `v1`, `latest` and `preview` mean the surface without versions. */
  readonly apiVersion: string;
  /** true: the upstream's key is a token of Entra's, which its operator got himself. */
  readonly keyIsToken: boolean;
  /** Asked where no key is set; undefined: nothing is sent in its place. */
  readonly tokens: AccessTokens | undefined;
}
