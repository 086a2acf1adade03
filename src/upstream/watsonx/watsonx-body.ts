import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import { chatBody } from '../openai/chat-body.js';
import { asArray, asObject, type JsonObject } from '../openai/json-value.js';

/**
 * The body of `text/chat`: OpenAI's, but that a choice of tools in a word has a name of its own, and that tools are strict for nobody. Throws a 400
 * for what watsonx cannot be told: `top_k`, `parallel_tool_calls: false` with several tools, audio, parameters nobody knows.
 */
export function watsonxBody(request: NeutralRequest, model: string, call: InferenceCall): JsonObject {
  if (request.topK !== undefined && request.topK > 0) throw cannot('top_k');
  if (request.parallelTools === false && request.tools.length > 1 && request.toolChoice !== 'none') throw cannot('parallel_tool_calls');
  const { tool_choice: choice, ...body } = chatBody(sayable(request), model, call, { limitName: 'max_tokens' });
  if (choice === undefined) return body;
  return { ...body, ...(typeof choice === 'string' ? { tool_choice_option: choice } : { tool_choice: choice }) };
}

function sayable(request: NeutralRequest): NeutralRequest {
  return { ...request, topK: undefined, user: undefined, parallelTools: undefined, tools: request.tools.map(loose), unsaid: unsaid(request) };
}

/** Its own parameters, which LiteLLM's users send through OpenAI's wire, go on, also out of an `extra_body` that a client did not unpack. */
function unsaid({ unsaid: all }: NeutralRequest): ReadonlyMap<string, unknown> {
  const known = new Map<string, unknown>();
  const packed = Object.entries(asObject(all.get('extra_body')) ?? {});
  for (const [name, value] of [...all, ...packed]) {
    if (OURS.has(name)) known.set(name, value);
    else if (!LEFT_OUT.has(name) && !saysNothing(name, value)) throw cannot(name);
  }
  return known;
}

const OURS = new Set(
  [
    'logit_bias time_limit repetition_penalty length_penalty include_reasoning chat_template_kwargs context',
    'guided_choice guided_regex guided_grammar guided_json',
  ].flatMap((names) => names.split(' ')),
);
/** Who asks, who pays (which is the operator's to say), what is kept, how it is cached, how fast it is served, and hints for other models. */
const LEFT_OUT = new Set(
  [
    'metadata store safety_identifier prompt_cache_key prompt_cache_options prompt_cache_retention service_tier speed inference_geo prediction',
    'verbosity context_management include truncation text client_metadata betas project_id space_id extra_body',
  ].flatMap((names) => names.split(' ')),
);

function saysNothing(name: string, value: unknown): boolean {
  return name === 'modalities' && asArray(value)?.every((word) => word === 'text') === true;
}

function cannot(param: string): GatewayError {
  return new GatewayError('invalid_value', `The provider of this model cannot be told ${param}. Leave it out, or ask for another model.`, { param });
}

/** As LiteLLM sends them: strict tools, and schemas that are closed, are refused by some models. */
function loose(tool: ToolSpec): ToolSpec {
  return { ...tool, strict: undefined, parameters: tool.parameters === undefined ? undefined : (opened(tool.parameters) as JsonObject) };
}

function opened(schema: unknown): unknown {
  const list = asArray(schema);
  if (list !== undefined) return list.map(opened);
  const object = asObject(schema);
  if (object === undefined) return schema;
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => (name === 'additionalProperties' && value === false ? [] : [[name, opened(value)]])),
  );
}
