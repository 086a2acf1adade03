import type { InferenceCall } from '../../contracts/inference-call.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { UpstreamRequest } from '../upstream-transport.js';

/** What the calls to Anthropic have in common: the way and the headers. A base may end in `/v1` or in the path itself, as LiteLLM's users write it. */
export function anthropicRequest(
  upstream: UpstreamSettings,
  call: InferenceCall,
  body: Buffer,
  { path = '/messages', betas = [] }: { readonly path?: string; readonly betas?: readonly string[] } = {},
): UpstreamRequest {
  const { 'openai-beta': _openai, 'anthropic-beta': asked, ...crossing } = call.headers;
  const beta = [...new Set([...(asked?.split(',') ?? []), ...betas, ...(isOauth(upstream) ? [OAUTH_BETA] : [])].map((name) => name.trim()))].join(
    ',',
  );
  return {
    path: pathTo(upstream.baseUrl, path),
    headers: {
      'anthropic-version': VERSION,
      ...crossing,
      ...(beta !== '' && { 'anthropic-beta': beta }),
      ...upstream.headers,
      'content-type': 'application/json',
      accept: call.stream ? 'text/event-stream' : 'application/json',
      ...credential(upstream),
    },
    body,
  };
}

const VERSION = '2023-06-01';
const OAUTH_BETA = 'oauth-2025-04-20';

function pathTo(baseUrl: string, path: string): string {
  if (baseUrl.endsWith(path)) return '';
  if (baseUrl.endsWith('/messages')) return path.slice('/messages'.length);
  return baseUrl.endsWith('/v1') ? path : `/v1${path}`;
}

function credential({ apiKey, headers }: UpstreamSettings): Record<string, string> {
  if (apiKey === undefined || headers['authorization'] !== undefined) return {};
  return isOauth({ apiKey }) ? { authorization: `Bearer ${apiKey}` } : { 'x-api-key': apiKey };
}

/** A token of a subscription, not a key. */
function isOauth({ apiKey }: Pick<UpstreamSettings, 'apiKey'>): boolean {
  return apiKey?.startsWith('sk-ant-oat') === true;
}
