import { GatewayError } from '../../contracts/gateway-error.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';

/**
 * What only the client's wire says, and Anthropic's knows too, goes on; what this API has no word for and LiteLLM's users expect to be left
 * out, is; anything else is a 400 with its name.
 */
export function writeUnsaid(request: NeutralRequest): Readonly<Record<string, unknown>> {
  if (request.choices > 1) throw cannot('n', 'gives one answer to a request');
  if (request.logprobs !== undefined) throw cannot('logprobs', 'tells no log probabilities');
  const known: Record<string, unknown> = {};
  for (const [name, value] of request.unsaid) {
    if (OURS.has(name)) known[name] = value;
    else if (!LEFT_OUT.has(name) && !saysNothing(name, value)) throw cannot(name, `does not know ${name}`);
  }
  return known;
}

/** Anthropic's own, which LiteLLM's users send through the OpenAI wire too. */
const OURS = new Set(['cache_control', 'container', 'context_management', 'inference_geo', 'mcp_servers', 'speed']);
/** Beside frequency_penalty, presence_penalty and seed. */
const LEFT_OUT = new Set([
  'metadata',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'store',
  'verbosity',
  'include',
  'truncation',
  'text',
  'client_metadata',
  // A tool: see `webSearchTool`.
  'web_search_options',
]);

function saysNothing(name: string, value: unknown): boolean {
  if (name === 'logit_bias') return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return name === 'modalities' && Array.isArray(value) && value.every((word) => word === 'text');
}

function cannot(param: string, what: string): GatewayError {
  return new GatewayError('invalid_value', `The provider of this model ${what}. Leave ${param} out, or ask for another model.`, { param });
}
