import { createHash } from 'node:crypto';
import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { JsonObject, NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import type { ChatHabits } from './chat-habits.js';
import { writeChatMessages } from './write-chat-messages.js';

/** The body of a chat completion, without `model` and `stream`. Throws a 400 for what this wire cannot say. */
export function chatBody(request: NeutralRequest, model: string, call: InferenceCall, habits: ChatHabits): JsonObject {
  const { temperature, topP, topK, seed, stop, frequencyPenalty, presencePenalty, logprobs, choices, user } = request;
  const hasTools = request.tools.length > 0;
  return {
    ...writeUnsaid(request, call),
    messages: writeChatMessages(request, habits),
    ...limit(request, model, habits),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(seed !== undefined && { seed }),
    ...(stop.length > 0 && { stop }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(logprobs !== undefined && { logprobs: true, ...(logprobs > 0 && { top_logprobs: logprobs }) }),
    ...(choices > 1 && { n: choices }),
    ...(hasTools && { tools: request.tools.map((tool) => writeTool(tool, habits)) }),
    ...(hasTools && request.toolChoice !== undefined && { tool_choice: toolChoice(request.toolChoice) }),
    ...(hasTools && request.parallelTools !== undefined && { parallel_tool_calls: request.parallelTools }),
    ...responseFormat(request),
    ...effort(request, model),
    ...(user !== undefined && { user: user.length > USER_LENGTH_MAX ? createHash('sha256').update(user).digest('hex') : user }),
  };
}

/** OpenAI takes no longer one: of a longer name goes the digest, which is the same each time. */
const USER_LENGTH_MAX = 64;
/** Models that think before they answer, and refuse `max_tokens`. */
const REASONS = /(^|\/)(o\d|gpt-5|gpt-6|codex)/;
/** Others that know `reasoning_effort`. */
const KNOWS_EFFORT = /gpt-oss|grok-(3-mini|4)|gemini-(2\.5|3)|magistral|deepseek|qwen3|glm-4\.[5-9]|kimi/i;

function limit({ outputTokensMax }: NeutralRequest, model: string, { limitName }: ChatHabits): JsonObject {
  return outputTokensMax === undefined ? {} : { [limitName ?? (REASONS.test(model) ? 'max_completion_tokens' : 'max_tokens')]: outputTokensMax };
}

function writeTool({ name, description, parameters, strict, cache }: ToolSpec, { takesCacheMarks }: ChatHabits): JsonObject {
  const mark = takesCacheMarks === true && cache !== undefined ? { cache_control: { type: 'ephemeral', ...(cache.ttl && { ttl: cache.ttl }) } } : {};
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters }),
      ...(strict !== undefined && { strict }),
    },
    ...mark,
  };
}

function toolChoice(choice: Exclude<NeutralRequest['toolChoice'], undefined>): unknown {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

function responseFormat({ format }: NeutralRequest): JsonObject {
  switch (format.kind) {
    case 'text':
      return {};
    case 'json':
      return { response_format: { type: 'json_object' } };
    case 'schema': {
      const { name, description, schema, strict } = format;
      const json_schema = { name, ...(description !== undefined && { description }), schema, ...(strict !== undefined && { strict }) };
      return { response_format: { type: 'json_schema', json_schema } };
    }
  }
}

/** A wish in words goes as it is; a budget of tokens, which clients of other wires always send, only to models that are known to think. */
function effort({ reasoning }: NeutralRequest, model: string): JsonObject {
  if (reasoning === undefined) return {};
  const { effort: word, budgetTokens, adaptive } = reasoning;
  const knows = REASONS.test(model) || KNOWS_EFFORT.test(model);
  if (word !== undefined) return word === 'none' && !knows ? {} : adaptive && !knows ? {} : { reasoning_effort: word };
  if (budgetTokens === undefined || !knows) return {};
  return { reasoning_effort: budgetTokens < 2_048 ? 'low' : budgetTokens < 8_192 ? 'medium' : 'high' };
}

/** A client of this very wire knows what it asks for; of other wires, what this one can say is taken, and what their clients always send is left out. */
function writeUnsaid({ unsaid }: NeutralRequest, { endpoint }: InferenceCall): JsonObject {
  if (endpoint === 'chat_completions') return Object.fromEntries(unsaid);
  const known: Record<string, unknown> = {};
  for (const [name, value] of unsaid) {
    if (SHARED.has(name)) known[name] = value;
    else if (!LEFT_OUT.has(name))
      throw new GatewayError('invalid_value', `The provider of this model does not know ${name}. Leave it out, or ask for another model.`, {
        param: name,
      });
  }
  return known;
}

const SHARED = new Set(
  'logit_bias prediction prompt_cache_key prompt_cache_retention safety_identifier store verbosity metadata modalities web_search_options'.split(' '),
);
const LEFT_OUT = new Set('context_management inference_geo service_tier speed include truncation client_metadata text betas'.split(' '));
