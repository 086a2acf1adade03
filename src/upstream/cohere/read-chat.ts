import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';
import { providerError } from '../openai/provider-error.js';
import { reportedFailure } from '../reported-failure.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { Citations } from './citations.js';
import { readLogprobs } from './read-logprobs.js';
import { replyEnd } from './reply-end.js';
import { ToolCalls } from './tool-calls.js';

/** A complete answer of `/v2/chat`. Never throws. */
export function readChat(body: Buffer, upstream: UpstreamSettings | undefined): readonly NeutralEvent[] {
  const answer = asObject(parsedJson(body.toString('utf8')));
  if (answer === undefined) return [invalid('The upstream answered with a body that is no JSON object.')];
  const message = asObject(answer['message']);
  if (message === undefined) {
    const error = providerError(answer);
    if (error === undefined) return [invalid('The upstream answered without the "message" that an answer has.')];
    return [{ kind: 'failure', failure: reportedFailure(error, answer, upstream) }];
  }
  return told(answer, message, upstream);
}

function told(answer: JsonObject, message: JsonObject, upstream: UpstreamSettings | undefined): NeutralEvent[] {
  const id = asText(answer['id']);
  const events: NeutralEvent[] = [{ kind: 'start', id }];
  said('reasoning', message['tool_plan'], events);
  const content = message['content'];
  if (typeof content === 'string') said('text', content, events);
  for (const item of asArray(content) ?? []) {
    const block = asObject(item);
    said('reasoning', block?.['thinking'], events);
    said('text', block?.['text'], events);
  }
  new Citations().read(message['citations'], events);
  const calls = new ToolCalls();
  for (const [index, call] of (asArray(message['tool_calls']) ?? []).entries()) {
    calls.begin(index, asObject(call), id, events);
    calls.close(index, events);
  }
  const logprobs = readLogprobs(answer['logprobs']);
  if (logprobs !== undefined) events.push(logprobs);
  replyEnd(answer, calls.count > 0, upstream, events);
  return events;
}

function said(kind: 'text' | 'reasoning', value: unknown, events: NeutralEvent[]): void {
  const text = asText(value);
  if (text !== undefined) events.push({ kind, choice: 0, text });
}

function invalid(message: string): NeutralEvent {
  return { kind: 'failure', failure: new UpstreamFailure('invalid', message) };
}
