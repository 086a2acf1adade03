import type { WatsonxDialect } from '../contracts/upstream-dialect.js';
import { httpAddress } from './http-address.js';
import type { LitellmFault } from './litellm-fault.js';

type Variables = (name: string) => string | undefined;

/** LiteLLM's variables for watsonx.ai: who pays, and what the first key that is set is good for. */
export function watsonxDialect(model: string, variable: Variables): WatsonxDialect | LitellmFault {
  const first = (names: readonly string[]): string | undefined => names.map(variable).find((value) => value !== undefined);
  const project = first(['WATSONX_PROJECT_ID', 'WX_PROJECT_ID', 'PROJECT_ID']);
  const space = first(['WATSONX_DEPLOYMENT_SPACE_ID', 'WATSONX_SPACE_ID', 'WX_SPACE_ID', 'SPACE_ID']);
  if (project === undefined && space === undefined && !model.startsWith('deployment/'))
    return {
      variable: 'WATSONX_PROJECT_ID',
      fault: 'is not set, and watsonx needs it, or WATSONX_SPACE_ID',
      fix: 'WATSONX_PROJECT_ID=00000000-0000-0000-0000-000000000000',
    };
  const identityUrl = variable(IDENTITY) ?? 'https://iam.cloud.ibm.com/identity/token';
  const address = httpAddress(identityUrl);
  if ('fault' in address) return { variable: IDENTITY, fault: address.fault, fix: `${IDENTITY}=${address.fix.replaceAll('"', '')}` };
  return {
    name: 'watsonx',
    apiVersion: variable('WATSONX_API_VERSION') ?? '2024-03-13',
    project,
    space,
    keyIs: keyIs(variable),
    identityUrl: address.url.href,
  };
}

const IDENTITY = 'WATSONX_IAM_URL';

/** A key gets its own tokens, again and again: it goes before a token, which is good for an hour. */
function keyIs(variable: Variables): WatsonxDialect['keyIs'] {
  if (WATSONX_KEYS.some((name) => variable(name) !== undefined)) return 'api_key';
  if (variable(WATSONX_TOKEN) !== undefined) return 'token';
  return variable(WATSONX_ZEN_KEY) === undefined ? 'api_key' : 'zen_key';
}

export const WATSONX_KEYS = ['WATSONX_APIKEY', 'WATSONX_API_KEY', 'WX_API_KEY'] as const;
export const WATSONX_TOKEN = 'WATSONX_TOKEN';
export const WATSONX_ZEN_KEY = 'WATSONX_ZENAPIKEY';
