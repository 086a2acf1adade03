import type { AzureDialect } from '../contracts/upstream-dialect.js';
import type { AzureOptions } from './azure/azure-options.js';
import { EntraAccessTokens } from './azure/entra-access-tokens.js';

export function azureOptions({ apiVersion, keyIsToken, application }: AzureDialect): AzureOptions {
  return { apiVersion, keyIsToken, tokens: application === undefined ? undefined : new EntraAccessTokens(application) };
}
