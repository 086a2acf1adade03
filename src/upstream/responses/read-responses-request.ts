import type { InferenceCall } from '../../contracts/inference-call.js';
import type { JsonObject, NeutralRequest, OutputFormat, ReasoningWish } from '../neutral/neutral-request.js';
import { RequestValue } from '../neutral/request-value.js';
import { parsedJson } from '../openai/json-value.js';
import type { HostedTools } from './hosted-tools.js';
import { readResponsesInput } from './read-responses-input.js';
import { readResponsesTools } from './read-responses-tools.js';
import { LOGPROBS } from './responses-param.js';

/** Throws a 400 that names the path of what makes no sense, and of what only a provider with a memory could do. */
export function readResponsesRequest(call: InferenceCall, hosted: HostedTools): NeutralRequest {
  const request = new RequestValue(parsedJson(call.body.toString('utf8')));
  refuseMemory(request);
  const { system, turns } = readResponsesInput(request.member('input'), request.member('instructions'));
  const user = request.member('user').optionalText();
  return {
    system,
    turns,
    ...readResponsesTools(request, hosted),
    parallelTools: request.member('parallel_tool_calls').flag(),
    outputTokensMax: request.member('max_output_tokens').integer(1, TOKENS_MAX),
    temperature: request.member('temperature').number(0, 2),
    topP: request.member('top_p').number(0, 1),
    topK: undefined,
    stop: [],
    seed: undefined,
    frequencyPenalty: undefined,
    presencePenalty: undefined,
    logprobs: logprobs(request),
    choices: 1,
    format: format(text(request).member('format')),
    reasoning: reasoning(request.member('reasoning')),
    user: user ?? request.member('safety_identifier').optionalText(),
    unsaid: unsaid(request, user !== undefined),
  };
}

const TOKENS_MAX = 2 ** 31 - 1;
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/**
 * What is said in the neutral form or by the call itself, and what asks for nothing that a gateway without a memory could do otherwise:
 * `store` (nothing is stored, and the answer says so), `truncation` and `max_tool_calls` (of hosted tools), `include` (what can be told of it
 * is told in any case), `client_metadata`, `prompt_cache_options`.
 */
const SAID = new Set(
  [
    'model input instructions stream stream_options tools tool_choice parallel_tool_calls max_output_tokens temperature top_p top_logprobs include',
    'text reasoning user store truncation max_tool_calls client_metadata prompt_cache_options background previous_response_id conversation prompt',
  ].flatMap((names) => names.split(' ')),
);

function refuseMemory(request: RequestValue): void {
  for (const name of ['previous_response_id', 'conversation', 'prompt']) {
    const value = request.member(name);
    if (!value.isAbsent) value.refuse('nothing is stored for this model. Send the whole conversation in input.');
  }
  const background = request.member('background');
  if (background.flag() === true) background.refuse('nothing is stored for this model, so an answer cannot be fetched later. Leave it out.');
}

function unsaid(request: RequestValue, hasUser: boolean): ReadonlyMap<string, unknown> {
  const all: JsonObject = request.object();
  const rest = Object.entries(all).filter(([name, value]) => value !== null && !SAID.has(name) && (name !== 'safety_identifier' || hasUser));
  const verbosity = text(request).member('verbosity');
  return new Map(verbosity.isAbsent ? rest : [...rest, ['verbosity', verbosity.raw()]]);
}

function text(request: RequestValue): RequestValue {
  const value = request.member('text');
  value.optionalObject();
  return value;
}

function logprobs(request: RequestValue): number | undefined {
  const alternatives = request.member('top_logprobs').integer(0, 20) ?? 0;
  const included = request.member('include').optionalList();
  return alternatives > 0 || included.some((name) => name.raw() === LOGPROBS) ? alternatives : undefined;
}

function format(value: RequestValue): OutputFormat {
  if (value.isAbsent) return { kind: 'text' };
  switch (value.member('type').oneOf(['text', 'json_object', 'json_schema'])) {
    case 'text':
      return { kind: 'text' };
    case 'json_object':
      return { kind: 'json' };
    case 'json_schema':
      return {
        kind: 'schema',
        name: value.member('name').word(),
        description: value.member('description').optionalText(),
        schema: value.member('schema').object(),
        strict: value.member('strict').flag(),
      };
  }
}

/** A summary is told wherever the provider tells one. `max` is more than other wires know: the most they do is asked for. */
function reasoning(value: RequestValue): ReasoningWish | undefined {
  if (value.optionalObject() === undefined) return undefined;
  const wanted = value.member('effort');
  if (wanted.isAbsent) return undefined;
  const effort = wanted.oneOf(EFFORTS);
  return { effort: effort === 'max' ? 'xhigh' : effort, budgetTokens: undefined, adaptive: false };
}
