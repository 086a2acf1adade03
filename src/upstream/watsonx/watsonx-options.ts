import type { AccessTokens } from '../access-tokens.js';

/** What has to be known of IBM's watsonx.ai beside its address. */
export interface WatsonxOptions {
  /** The day that the API is asked as of. */
  readonly apiVersion: string;
  /** Who pays: a project or a space. A deployment belongs to its space, and is told neither. */
  readonly account: { readonly project_id: string } | { readonly space_id: string } | undefined;
  /** What the upstream's key is, where no tokens are got for it. */
  readonly scheme: 'Bearer' | 'ZenApiKey';
  /** Got for the upstream's key; undefined: the key itself is sent. */
  readonly tokens: AccessTokens | undefined;
}
