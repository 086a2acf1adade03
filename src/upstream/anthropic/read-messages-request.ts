import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { JsonObject, NeutralRequest, OutputFormat, ReasoningEffort, ReasoningWish, TextPart, Turn } from '../neutral/neutral-request.js';
import { RequestValue } from '../neutral/request-value.js';
import { parsedJson } from '../openai/json-value.js';
import { type MessagesRules, readCacheControl, readMessagesContent } from './read-messages-content.js';
import { readMessagesTools } from './read-messages-tools.js';

/** Throws a 400 that names the path of what makes no sense. `needsLimit`: `max_tokens` must be there, as it must unless tokens are only counted. */
export function readMessagesRequest(call: InferenceCall, needsLimit = true): NeutralRequest {
  const request = new RequestValue(parsedJson(call.body.toString('utf8')));
  if (!request.member('thread').isAbsent) throw threadless();
  const rules: MessagesRules = { isStrict: (call.headers['anthropic-version'] ?? '') >= STRICT_SINCE };
  const limit = request.member('max_tokens');
  const { system, turns } = readTurns(request, rules);
  return {
    system,
    turns,
    ...readMessagesTools(request),
    outputTokensMax: limit.isAbsent && needsLimit ? limit.wrong('a whole number of at least 1') : limit.integer(1, TOKENS_MAX),
    ...sampling(request, rules),
    stop: request
      .member('stop_sequences')
      .optionalList()
      .map((text) => text.text()),
    seed: undefined,
    frequencyPenalty: undefined,
    presencePenalty: undefined,
    logprobs: undefined,
    choices: 1,
    format: format(request),
    reasoning: reasoning(request),
    user: request.member('metadata').member('user_id').optionalText(),
    unsaid: unsaid(request.object()),
  };
}

/**
 * A conversation that the server holds: with the next turn only what is new would come. Anthropic's library asks for one by itself, and goes on
 * without when it is told in these words.
 */
function threadless(): GatewayError {
  return new GatewayError('invalid_value', "This model's conversations are not held here: leave thread out, and send all messages.", {
    param: 'thread',
    anthropic: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
  });
}

/** Versions are dates. */
const STRICT_SINCE = '2026-10-21';
const TOKENS_MAX = 2 ** 31 - 1;
const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;

/** What is said in the neutral form, or by the call itself; and a wish about what is kept for the next call, which no other provider has. */
const SAID = new Set(
  (
    'model messages stream system tools tool_choice max_tokens temperature top_p top_k stop_sequences thinking output_config output_format ' +
    'metadata anthropic_version cache_control'
  ).split(' '),
);

function unsaid(request: JsonObject): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(request).filter(([name, value]) => value !== null && !SAID.has(name)));
}

function readTurns(request: RequestValue, rules: MessagesRules): { readonly system: TextPart[]; readonly turns: Turn[] } {
  const system = readSystem(request.member('system'));
  const turns: Turn[] = [];
  const messages = request.member('messages');
  const list = messages.list();
  if (list.length === 0) messages.refuse('send at least one message.');
  for (const message of list) {
    const role = message.isObject ? message.member('role').oneOf(['user', 'assistant', 'system']) : message.wrong('an object');
    const content = message.member('content');
    if (role === 'system') system.push(...readSystem(content));
    else turns.push({ role, parts: readMessagesContent(content, role, rules) });
  }
  return { system, turns };
}

function readSystem(system: RequestValue): TextPart[] {
  if (system.isAbsent) return [];
  if (system.isText) return system.text() === '' ? [] : [{ kind: 'text', text: system.text() }];
  return system.list().flatMap((block): TextPart[] => {
    // All tools are offered from the beginning here, those that are loaded later too.
    if (block.member('type').oneOf(['text', 'tool_addition']) === 'tool_addition') return [];
    const cache = readCacheControl(block);
    const text = block.member('text').text();
    return text === '' ? [] : [{ kind: 'text', text, ...(cache && { cache }) }];
  });
}

function sampling(request: RequestValue, { isStrict }: MessagesRules): Pick<NeutralRequest, 'temperature' | 'topP' | 'topK'> {
  const [temperature, topP, topK] = ['temperature', 'top_p', 'top_k'].map((name) => request.member(name)) as [
    RequestValue,
    RequestValue,
    RequestValue,
  ];
  for (const one of [temperature, topP, topK]) if (isStrict && !one.isAbsent) one.refuse('this version of the API has no such parameter.');
  // LangChain's way of saying none, of which Anthropic makes none.
  const isNone = (one: RequestValue): boolean => one.raw() === -1;
  return {
    temperature: temperature.number(0, 1),
    topP: isNone(topP) ? undefined : topP.number(0, 1),
    topK: isNone(topK) ? undefined : topK.integer(0, TOKENS_MAX),
  };
}

/** `output_config.format`, or `output_format` as it was called before. */
function format(request: RequestValue): OutputFormat {
  const now = request.member('output_config').member('format');
  const wanted = now.isAbsent ? request.member('output_format') : now;
  if (wanted.isAbsent) return { kind: 'text' };
  wanted.member('type').oneOf(['json_schema']);
  return { kind: 'schema', name: 'answer', description: undefined, schema: wanted.member('schema').object(), strict: true };
}

function reasoning(request: RequestValue): ReasoningWish | undefined {
  const wanted = request.member('output_config').member('effort');
  const word = wanted.isAbsent ? undefined : wanted.oneOf(EFFORTS);
  const effort: ReasoningEffort | undefined = word === 'max' ? 'xhigh' : word;
  const thinking = request.member('thinking');
  if (thinking.isAbsent) return effort && { effort, budgetTokens: undefined, adaptive: false };
  switch (thinking.member('type').oneOf(['enabled', 'adaptive', 'disabled'])) {
    case 'enabled':
      return { effort, budgetTokens: thinking.member('budget_tokens').integer(1, TOKENS_MAX), adaptive: false };
    case 'adaptive':
      return { effort, budgetTokens: undefined, adaptive: true };
    case 'disabled':
      return { effort: 'none', budgetTokens: undefined, adaptive: false };
  }
}
