import type { InferenceCall } from '../../contracts/inference-call.js';
import type { JsonObject, NeutralRequest, OutputFormat, ReasoningEffort, ReasoningWish } from '../neutral/neutral-request.js';
import { RequestValue } from '../neutral/request-value.js';
import { parsedJson } from './json-value.js';
import { readChatMessages } from './read-chat-messages.js';
import { readChatTools } from './read-chat-tools.js';
import { readStop } from './read-stop.js';

/** Throws a 400 that names the path of what makes no sense. */
export function readChatRequest(call: InferenceCall): NeutralRequest {
  const request = new RequestValue(parsedJson(call.body.toString('utf8')));
  const { system, turns } = readChatMessages(request.member('messages'));
  const user = request.member('user').optionalText();
  return {
    system,
    turns,
    ...readChatTools(request),
    parallelTools: request.member('parallel_tool_calls').flag(),
    outputTokensMax: outputTokensMax(request),
    temperature: request.member('temperature').number(0, 2),
    topP: request.member('top_p').number(0, 1),
    topK: request.member('top_k').integer(-1, TOKENS_MAX),
    stop: readStop(request.member('stop')),
    seed: request.member('seed').integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    frequencyPenalty: request.member('frequency_penalty').number(-2, 2),
    presencePenalty: request.member('presence_penalty').number(-2, 2),
    logprobs: logprobs(request),
    choices: request.member('n').integer(1, CHOICES_MAX) ?? 1,
    format: format(request.member('response_format')),
    reasoning: reasoning(request),
    user: user ?? request.member('safety_identifier').optionalText(),
    unsaid: unsaid(request.object(), user !== undefined),
  };
}

const CHOICES_MAX = 128;
const TOKENS_MAX = 2 ** 31 - 1;
const NO_THOUGHT: ReasoningWish = { effort: 'none', budgetTokens: undefined, adaptive: false };
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'disable'] as const;

/** What is said in the neutral form, or by the call itself. */
const SAID = new Set(
  (
    'model messages stream stream_options tools tool_choice functions function_call parallel_tool_calls max_tokens max_completion_tokens ' +
    'temperature top_p top_k stop seed frequency_penalty presence_penalty logprobs top_logprobs n response_format ' +
    'reasoning_effort reasoning thinking user'
  ).split(' '),
);

function unsaid(request: JsonObject, hasUser: boolean): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(request).filter(([name, value]) => value !== null && !SAID.has(name) && (name !== 'safety_identifier' || hasUser)));
}

function outputTokensMax(request: RequestValue): number | undefined {
  const old = request.member('max_tokens').integer(1, TOKENS_MAX);
  return request.member('max_completion_tokens').integer(1, TOKENS_MAX) ?? old;
}

function logprobs(request: RequestValue): number | undefined {
  const wanted = request.member('logprobs').flag() === true;
  const top = request.member('top_logprobs');
  const alternatives = top.integer(0, 20);
  if (!wanted) return alternatives === undefined || alternatives === 0 ? undefined : top.refuse('logprobs must be true with it.');
  return alternatives ?? 0;
}

function format(value: RequestValue): OutputFormat {
  if (value.isAbsent) return { kind: 'text' };
  switch (value.member('type').oneOf(['text', 'json_object', 'json_schema'])) {
    case 'text':
      return { kind: 'text' };
    case 'json_object': {
      // As LiteLLM's users tell a schema to Gemini.
      const schema = value.member('response_schema').optionalObject();
      return schema === undefined ? { kind: 'json' } : { kind: 'schema', name: 'answer', description: undefined, schema, strict: undefined };
    }
    case 'json_schema': {
      const wanted = value.member('json_schema');
      return {
        kind: 'schema',
        name: wanted.member('name').word(),
        description: wanted.member('description').optionalText(),
        schema: wanted.member('schema').optionalObject() ?? {},
        strict: wanted.member('strict').flag(),
      };
    }
  }
}

/** `max` and `disable` are words of LiteLLM's users. */
function effortOf(value: RequestValue): ReasoningEffort {
  const word = value.oneOf(EFFORTS);
  switch (word) {
    case 'max':
      return 'xhigh';
    case 'disable':
      return 'none';
    case 'none':
    case 'minimal':
    case 'low':
    case 'medium':
    case 'high':
    case 'xhigh':
      return word;
  }
}

/** OpenAI's `reasoning_effort`, OpenRouter's `reasoning` and the `thinking` that LiteLLM's users send; the first that says something. */
function reasoning(request: RequestValue): ReasoningWish | undefined {
  const effort = request.member('reasoning_effort');
  // Groq's word for no wish.
  const isDefault = effort.isText && effort.text() === 'default';
  if (!effort.isAbsent && !isDefault) return { effort: effortOf(effort), budgetTokens: undefined, adaptive: false };
  const thinking = request.member('thinking');
  if (!thinking.isAbsent) {
    switch (thinking.member('type').oneOf(['enabled', 'adaptive', 'disabled'])) {
      case 'enabled': {
        const budgetTokens = thinking.member('budget_tokens').integer(0, TOKENS_MAX);
        return budgetTokens === 0 ? NO_THOUGHT : { effort: undefined, budgetTokens, adaptive: false };
      }
      case 'adaptive':
        return { effort: undefined, budgetTokens: undefined, adaptive: true };
      case 'disabled':
        return NO_THOUGHT;
    }
  }
  const routed = request.member('reasoning');
  if (routed.optionalObject() === undefined) return undefined;
  const wanted = routed.member('effort');
  if (routed.member('enabled').flag() === false) return NO_THOUGHT;
  return {
    effort: wanted.isAbsent ? undefined : effortOf(wanted),
    budgetTokens: routed.member('max_tokens').integer(1, TOKENS_MAX),
    adaptive: false,
  };
}
