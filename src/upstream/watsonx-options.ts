import type { WatsonxDialect } from '../contracts/upstream-dialect.js';
import { KeptAccessTokens } from './kept-access-tokens.js';
import { fetchIamToken } from './watsonx/fetch-iam-token.js';
import type { WatsonxOptions } from './watsonx/watsonx-options.js';

const TOKENS = new WeakMap<WatsonxDialect, KeptAccessTokens>();

/** The chat and the embeddings of an upstream share its tokens. */
export function watsonxOptions(dialect: WatsonxDialect, apiKey: string | undefined): WatsonxOptions {
  const { apiVersion, project, space, keyIs } = dialect;
  const account = project === undefined ? (space === undefined ? undefined : { space_id: space }) : { project_id: project };
  return { apiVersion, account, scheme: keyIs === 'zen_key' ? 'ZenApiKey' : 'Bearer', tokens: tokensOf(dialect, apiKey) };
}

function tokensOf(dialect: WatsonxDialect, apiKey: string | undefined): KeptAccessTokens | undefined {
  if (dialect.keyIs !== 'api_key' || apiKey === undefined) return undefined;
  const known = TOKENS.get(dialect);
  if (known !== undefined) return known;
  const tokens = new KeptAccessTokens((timeoutMs) => fetchIamToken(dialect.identityUrl, apiKey, timeoutMs));
  TOKENS.set(dialect, tokens);
  return tokens;
}
