import type { AzureDialect } from '../contracts/upstream-dialect.js';
import type { AzureOptions } from './azure/azure-options.js';
import { fetchEntraToken } from './azure/fetch-entra-token.js';
import { KeptAccessTokens } from './kept-access-tokens.js';

export function azureOptions({ apiVersion, keyIsToken, application }: AzureDialect): AzureOptions {
  return {
    apiVersion,
    keyIsToken,
    tokens: application === undefined ? undefined : new KeptAccessTokens((timeoutMs) => fetchEntraToken(application, timeoutMs)),
  };
}
