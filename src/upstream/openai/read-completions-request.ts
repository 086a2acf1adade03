import type { InferenceCall } from '../../contracts/inference-call.js';
import type { JsonObject, NeutralRequest, TextPart } from '../neutral/neutral-request.js';
import { RequestValue } from '../neutral/request-value.js';
import { parsedJson } from './json-value.js';
import { readStop } from './read-stop.js';

/**
 * The prompt becomes what a user says. Throws a 400 that names what a model that only chats cannot do: several prompts, prompts in tokens, text to
 * fill in (`suffix`), the prompt said again (`echo`), a choice among more answers than are given (`best_of`).
 */
export function readCompletionsRequest(call: InferenceCall): NeutralRequest {
  const request = new RequestValue(parsedJson(call.body.toString('utf8')));
  const choices = request.member('n').integer(1, CHOICES_MAX) ?? 1;
  const prompt: TextPart = { kind: 'text', text: promptOf(request.member('prompt')) };
  refuseUnsayable(request, choices);
  return {
    system: [],
    turns: [{ role: 'user', parts: [prompt] }],
    tools: [],
    toolChoice: undefined,
    parallelTools: undefined,
    outputTokensMax: request.member('max_tokens').integer(1, TOKENS_MAX),
    temperature: request.member('temperature').number(0, 2),
    topP: request.member('top_p').number(0, 1),
    topK: request.member('top_k').integer(-1, TOKENS_MAX),
    stop: readStop(request.member('stop')),
    seed: request.member('seed').integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    frequencyPenalty: request.member('frequency_penalty').number(-2, 2),
    presencePenalty: request.member('presence_penalty').number(-2, 2),
    logprobs: request.member('logprobs').integer(0, ALTERNATIVES_MAX),
    choices,
    format: { kind: 'text' },
    reasoning: undefined,
    user: request.member('user').optionalText(),
    unsaid: unsaid(request.object()),
  };
}

const CHOICES_MAX = 128;
const TOKENS_MAX = 2 ** 31 - 1;
const ALTERNATIVES_MAX = 5;
/** What is said in the neutral form, or by the call itself, or refused above. */
const SAID = new Set(
  (
    'model prompt stream stream_options max_tokens temperature top_p top_k stop seed frequency_penalty presence_penalty logprobs n user ' +
    'suffix echo best_of'
  ).split(' '),
);

function promptOf(prompt: RequestValue): string {
  if (!prompt.isList) return prompt.word();
  const [only, second] = prompt.list();
  if (only === undefined) return prompt.wrong('a text');
  if (!only.isText) return prompt.refuse('with this model it is a text; tokens are not understood.');
  return second === undefined ? only.word() : prompt.refuse('with this model it is one text: send the others in requests of their own.');
}

function refuseUnsayable(request: RequestValue, choices: number): void {
  const suffix = request.member('suffix');
  if ((suffix.optionalText() ?? '') !== '') suffix.refuse('this model cannot fill in text before another. Leave it out.');
  const echo = request.member('echo');
  if (echo.flag() === true) echo.refuse('this model does not repeat the prompt. Leave it out.');
  const best = request.member('best_of');
  if ((best.integer(1, CHOICES_MAX) ?? choices) !== choices) best.refuse('this model gives as many answers as it makes. Leave it out, or make it n.');
}

function unsaid(request: JsonObject): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(request).filter(([name, value]) => value !== null && !SAID.has(name)));
}
