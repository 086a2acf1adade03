import { GatewayError } from '../../contracts/gateway-error.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { asArray, asObject, type JsonObject } from '../openai/json-value.js';
import type { BedrockModel } from './bedrock-model.js';
import { searchesWeb } from './converse-tools.js';

/** Of Claude's own API, where LiteLLM's users write them at the top. */
const BETAS = 'anthropic_beta';
const FIELDS = 'additionalModelRequestFields';

/** Parameters that Converse knows, and LiteLLM's users send under their own names. */
const OURS = new Set([
  FIELDS,
  'additionalModelResponseFieldPaths',
  'guardrailConfig',
  'performanceConfig',
  'promptVariables',
  'requestMetadata',
  'serviceTier',
]);

/** Beside `seed`, `frequency_penalty` and `presence_penalty`. */
const LEFT_OUT = new Set([
  'client_metadata',
  'context_management',
  'include',
  'metadata',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'speed',
  'store',
  'text',
  'truncation',
  'verbosity',
]);

/** What only the client's wire says: Converse's own parameters go on, what LiteLLM's users expect to be left out is, anything else is a 400. */
export function converseUnsaid(request: NeutralRequest, model: BedrockModel): JsonObject {
  if (request.choices > 1) throw cannot('n', 'gives one answer to a request');
  if (request.logprobs !== undefined) throw cannot('logprobs', 'tells no log probabilities');
  const known: Record<string, unknown> = {};
  for (const [name, value] of request.unsaid) {
    if (OURS.has(name)) known[name] = value;
    else if (name === 'service_tier') Object.assign(known, tier(value));
    else if (name !== BETAS && !LEFT_OUT.has(name) && !saysNothing(name, value) && !(name === 'web_search_options' && searchesWeb(request, model)))
      throw cannot(name, `does not know ${name}`);
  }
  const betas = request.unsaid.get(BETAS);
  if (betas !== undefined) known[FIELDS] = { ...asObject(known[FIELDS]), [BETAS]: betas };
  return known;
}

/** `auto` and `default` are what is served anyway, and not every model can be told so. */
function tier(value: unknown): JsonObject {
  return value === 'flex' || value === 'priority' ? { serviceTier: { type: value } } : {};
}

function saysNothing(name: string, value: unknown): boolean {
  if (name === 'logit_bias') return Object.keys(asObject(value) ?? { any: 0 }).length === 0;
  return name === 'modalities' && asArray(value)?.every((word) => word === 'text') === true;
}

function cannot(param: string, what: string): GatewayError {
  return new GatewayError('invalid_value', `The provider of this model ${what}. Leave ${param} out, or ask for another model.`, { param });
}
