import type { Endpoint } from '../contracts/endpoint.js';
import type { UpstreamSettings } from '../contracts/gateway-settings.js';

/**
 * Whether a provider's own bytes are told of an error instead of ours: where client and provider speak the same wire, and the operator
 * wants it. Anthropic's clients decide by its wording whether to try again: to them it is passed on in any case.
 */
export function passesWords({ dialect, passThroughErrors }: UpstreamSettings, endpoint: Endpoint): boolean {
  const isAnthropics = endpoint === 'messages' || endpoint === 'count_tokens';
  if (isAnthropics) return dialect.name === 'anthropic' || (dialect.name === 'vertex_ai' && dialect.publisher === 'anthropic');
  return passThroughErrors && (dialect.name === 'openai' || dialect.name === 'azure' || dialect.name === 'responses');
}
