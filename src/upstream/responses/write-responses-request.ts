import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { NeutralRequest, OutputFormat, ReasoningEffort, ReasoningWish } from '../neutral/neutral-request.js';
import { asObject } from '../openai/json-value.js';
import { LOGPROBS } from './responses-param.js';
import { writeResponsesInput } from './write-responses-input.js';

/**
 * The body of a Responses request. Left out, because they only hint and their users expect it: `seed`, `prediction`, penalties of 0, marks of
 * what to cache, reasoning that this provider did not encrypt, Anthropic's `context_management`, `speed`, `inference_geo` and `service_tier`.
 * Refused by name: `n` over 1, `stop`, `top_k`, other penalties, `logit_bias`, audio. A field that this gateway does not know goes on as it came: the provider judges it.
 */
export function writeResponsesRequest(request: NeutralRequest, target: Target, call: InferenceCall): Buffer {
  refuseUnsayable(request);
  const store = request.unsaid.get('store') === true;
  const { logprobs } = request;
  const include = [
    ...(!store && reasons(request, target.model) ? ['reasoning.encrypted_content'] : []),
    ...(logprobs !== undefined ? [LOGPROBS] : []),
  ];
  const tools = [...request.tools.map(writeTool), ...webSearch(request.unsaid.get('web_search_options'))];
  const text = { ...formatOf(request.format), ...(request.unsaid.has('verbosity') && { verbosity: request.unsaid.get('verbosity') }) };
  const effort = effortOf(request.reasoning);
  const body = {
    ...Object.fromEntries([...request.unsaid].filter(([name, value]) => !WRITTEN.has(name) && value !== 'standard_only')),
    model: target.model,
    input: writeResponsesInput(request.system, request.turns),
    ...(call.stream && { stream: true }),
    store,
    ...(include.length > 0 && { include }),
    ...(tools.length > 0 && { tools }),
    ...(request.toolChoice !== undefined && { tool_choice: toolChoice(request.toolChoice, request) }),
    ...(request.parallelTools !== undefined && { parallel_tool_calls: request.parallelTools }),
    ...(request.outputTokensMax !== undefined && { max_output_tokens: request.outputTokensMax }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(logprobs !== undefined && logprobs > 0 && { top_logprobs: logprobs }),
    ...(Object.keys(text).length > 0 && { text }),
    ...(effort !== undefined && { reasoning: { effort } }),
    ...(request.user !== undefined && { user: request.user }),
  };
  return Buffer.from(JSON.stringify(body));
}

/** Said elsewhere in the body, or by no one. */
const WRITTEN = new Set(
  'store verbosity web_search_options prediction modalities logit_bias audio context_management speed inference_geo'.split(' '),
);

function refuseUnsayable(request: NeutralRequest): void {
  const { unsaid } = request;
  if (request.choices > 1) refuse('n');
  if (request.stop.length > 0) refuse('stop');
  if (request.topK !== undefined) refuse('top_k');
  if ((request.frequencyPenalty ?? 0) !== 0) refuse('frequency_penalty');
  if ((request.presencePenalty ?? 0) !== 0) refuse('presence_penalty');
  if (Object.keys(asObject(unsaid.get('logit_bias')) ?? {}).length > 0) refuse('logit_bias');
  const modalities = unsaid.get('modalities');
  if (unsaid.has('audio') || (Array.isArray(modalities) && modalities.some((modality) => modality !== 'text'))) refuse('modalities');
}

function refuse(param: string): never {
  throw new GatewayError('invalid_value', `${param} cannot be used with this model, which is served by the Responses API alone. Leave it out.`, {
    param,
  });
}

/** Asks for encrypted reasoning only where there is some: models that do not reason refuse it. */
function reasons({ reasoning }: NeutralRequest, model: string): boolean {
  if (reasoning !== undefined) return reasoning.effort !== 'none';
  return /(^|[/.])(o\d|gpt-[5-9]|codex-)/.test(model) && !/chat/.test(model);
}

function effortOf(wish: ReasoningWish | undefined): ReasoningEffort | undefined {
  if (wish?.effort !== undefined || wish?.budgetTokens === undefined) return wish?.effort;
  if (wish.budgetTokens >= 4096) return 'high';
  if (wish.budgetTokens >= 2048) return 'medium';
  return wish.budgetTokens >= 1024 ? 'low' : 'minimal';
}

/** Strictness that is not said is none in the client's wire, but would be strict in this one. */
function writeTool({ name, description, parameters, strict, custom }: NeutralRequest['tools'][number]): object {
  if (custom !== undefined)
    return {
      type: 'custom',
      name,
      ...(custom.description !== undefined && { description: custom.description }),
      ...(custom.format !== undefined && { format: custom.format }),
    };
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    parameters: parameters ?? { type: 'object', properties: {} },
    strict: strict ?? false,
  };
}

function toolChoice(choice: NonNullable<NeutralRequest['toolChoice']>, { tools }: NeutralRequest): string | object {
  if (typeof choice === 'string') return choice;
  const isCustom = tools.some(({ name, custom }) => name === choice.name && custom !== undefined);
  return { type: isCustom ? 'custom' : 'function', name: choice.name };
}

/** Chat's wish for a web search, as the tool that it is here. */
function webSearch(value: unknown): object[] {
  const options = asObject(value);
  if (options === undefined) return [];
  const where = asObject(options['user_location']);
  return [
    {
      type: 'web_search',
      ...(options['search_context_size'] !== undefined && { search_context_size: options['search_context_size'] }),
      ...(where !== undefined && { user_location: { type: 'approximate', ...asObject(where['approximate']) } }),
    },
  ];
}

function formatOf(format: OutputFormat): { readonly format?: object } {
  switch (format.kind) {
    case 'text':
      return {};
    case 'json':
      return { format: { type: 'json_object' } };
    case 'schema': {
      const { name, description, schema, strict } = format;
      return { format: { type: 'json_schema', name, ...(description !== undefined && { description }), schema, strict: strict ?? false } };
    }
  }
}
