import { locateValue } from '../../json/locate-value.js';
import { type Splice, spliceJson } from '../../json/splice-json.js';
import { chatId } from './chat-id.js';
import { completionId } from './completion-id.js';
import { envelopeSplices } from './envelope-splices.js';
import { hasNamedCalls } from './has-named-calls.js';
import { isEmptyCall } from './is-empty-call.js';
import { asArray, asObject, asText, type JsonObject, parsedJson } from './json-value.js';
import { putField } from './put-field.js';
import { shapedFinish } from './shaped-finish.js';

/**
 * A chat completion, or an old one (`isChat` false), of a provider whose answers lack what OpenAI's clients insist on (see `looseShape`); the very
 * bytes where nothing had to change.
 */
export function shapedAnswer(body: Buffer, replyId: string, isChat: boolean, model: string): Buffer {
  const from = body[0] === 0xef ? 3 : 0;
  const answer = asObject(parsedJson(body.toString('utf8', from)));
  if (answer === undefined) return body;
  const splices = envelopeSplices(body, from, answer, {
    id: isChat ? chatId(replyId) : completionId(replyId),
    object: isChat ? 'chat.completion' : 'text_completion',
    createdAt: Math.floor(Date.now() / 1000),
    model,
  });
  for (const [position, item] of (asArray(answer['choices']) ?? []).entries()) {
    const choice = asObject(item);
    const at = choice && locateValue(body, from, ['choices', position])?.start;
    if (choice !== undefined && at !== undefined) splices.push(...choiceSplices(body, at, choice));
  }
  return spliceJson(body, splices);
}

function choiceSplices(body: Buffer, at: number, choice: JsonObject): Splice[] {
  const message = asObject(choice['message']);
  const word = shapedFinish(choice['finish_reason'], hasNamedCalls(message), true);
  const splices = word === undefined ? [] : [putField(body, at, 'finish_reason', JSON.stringify(word))];
  const within = message && locateValue(body, at, ['message'])?.start;
  if (message === undefined || within === undefined) return splices;
  if (asText(message['role']) === undefined) splices.push(putField(body, within, 'role', '"assistant"'));
  if (message['content'] === undefined && Object.keys(message).length > 0) splices.push(putField(body, within, 'content', 'null'));
  const calls = asArray(message['tool_calls']);
  if (calls?.some(isEmptyCall) === true) splices.push(putField(body, within, 'tool_calls', listed(body, within, calls)));
  for (const [name, told] of [
    ['function_call', 'name'],
    ['audio', 'id'],
  ] as const) {
    const held = asObject(message[name]);
    if (held !== undefined && asText(held[told]) === undefined) splices.push(putField(body, within, name, 'null'));
  }
  return splices;
}

/** The calls that call something, in their own bytes. */
function listed(body: Buffer, within: number, calls: readonly unknown[]): string {
  const kept = calls.flatMap((call, position) => {
    const span = isEmptyCall(call) ? undefined : locateValue(body, within, ['tool_calls', position]);
    return span === undefined ? [] : [body.toString('utf8', span.start, span.end)];
  });
  return kept.length === 0 ? 'null' : `[${kept.join(',')}]`;
}
