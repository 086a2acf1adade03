import type { JsonObject, NeutralRequest } from '../neutral/neutral-request.js';
import { cannot } from './cannot.js';

/** Cohere's own parameters, which LiteLLM's users send through the OpenAI wire too, go on; what LiteLLM's users expect to be left out, is; anything else is a 400 with its name. */
export function writeUnsaid({ unsaid }: NeutralRequest): JsonObject {
  const known: Record<string, unknown> = {};
  for (const [name, value] of unsaid) {
    if (OURS.has(name)) known[name] = value;
    else if (!LEFT_OUT.has(name) && !saysNothing(name, value)) throw cannot(name, `does not know ${name}`);
  }
  return known;
}

const OURS = new Set(['documents', 'citation_options', 'safety_mode', 'strict_tools', 'priority']);
/**
 * Beside `user`, cache marks, `strict` of tools, whether a tool failed, and thoughts of turns that called none: who asks, what is kept, how it is
 * cached, how fast it is served, and hints for other models.
 */
const LEFT_OUT = new Set([
  'metadata',
  'store',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'service_tier',
  'speed',
  'inference_geo',
  'prediction',
  'verbosity',
  'context_management',
  'include',
  'truncation',
  'text',
  'client_metadata',
  'betas',
]);

function saysNothing(name: string, value: unknown): boolean {
  if (name === 'logit_bias') return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return name === 'modalities' && Array.isArray(value) && value.every((word) => word === 'text');
}
