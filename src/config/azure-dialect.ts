import type { AzureDialect } from '../contracts/upstream-dialect.js';
import type { ProviderRow } from './litellm-providers.js';

/** Azure OpenAI's version, and who is let in: by a key, by a token, or as an application of Entra's that gets its own. */
export function azureDialect({ keyEnv, apiVersion }: ProviderRow, variable: (name: string) => string | undefined): AzureDialect {
  const hasKey = keyEnv.some((name) => name !== TOKEN && variable(name) !== undefined);
  const [tenantId, clientId, clientSecret] = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'].map(variable);
  const hasToken = variable(TOKEN) !== undefined;
  const isApplication = !hasKey && !hasToken && tenantId !== undefined && clientId !== undefined && clientSecret !== undefined;
  return {
    name: 'azure',
    apiVersion: variable('AZURE_API_VERSION') ?? apiVersion ?? '2025-02-01-preview',
    keyIsToken: !hasKey && hasToken,
    application: isApplication
      ? {
          tenantId,
          clientId,
          clientSecret,
          scope: variable('AZURE_SCOPE') ?? 'https://cognitiveservices.azure.com/.default',
          authority: variable('AZURE_AUTHORITY_HOST') ?? 'https://login.microsoftonline.com',
        }
      : undefined,
  };
}

const TOKEN = 'AZURE_AD_TOKEN';
