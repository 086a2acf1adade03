import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { readMessage } from '../anthropic/read-message.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ChatChunks } from '../openai/chat-chunks.js';
import { asObject, asText, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { bedrockFailure } from './bedrock-failure.js';
import { readConverse } from './read-converse.js';

/** A whole answer as events: of Converse, or of InvokeModel where the model's own API is Converse's, Anthropic's or OpenAI's. */
export function readBedrock(body: Buffer, upstream: UpstreamSettings | undefined): readonly NeutralEvent[] {
  const answer = asObject(parsedJson(body.toString('utf8')));
  if (answer === undefined) return [invalid('The upstream answered with a body that is no JSON object.')];
  if (answer['type'] === 'message') return readMessage(body, upstream);
  if (answer['choices'] !== undefined) {
    const events: NeutralEvent[] = [];
    new ChatChunks(upstream, true).event(answer, '', events);
    return events;
  }
  const events = readConverse(answer);
  if (events !== undefined) return events;
  const type = asText(answer['__type'])?.replace(/^.*#/, '');
  if (type === undefined && asText(answer['message']) === undefined)
    return [invalid('The upstream answered without the "output" that an answer has.')];
  const refusal = { type, status: undefined, value: answer, body, retryAfterMs: undefined };
  return [{ kind: 'failure', failure: bedrockFailure(upstream ?? { apiKey: undefined }, refusal) }];
}

function invalid(message: string): NeutralEvent {
  return { kind: 'failure', failure: new UpstreamFailure('invalid', message) };
}
