import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { MessageEvents } from '../anthropic/message-events.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { ChatChunks } from '../openai/chat-chunks.js';
import { asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';
import type { EventMeaning } from '../sse-json-reader.js';
import { ConverseEvents } from './converse-events.js';
import type { FrameMeaning } from './event-stream-reader.js';

/**
 * What the events of any stream of Bedrock mean: ConverseStream's own, and the chunks of InvokeModelWithResponseStream, each an event of the
 * model's own API in base64. Amazon's models speak Converse there as well, Claude speaks Messages, those of OpenAI chat completions.
 */
export class InvokeEvents implements FrameMeaning {
  private readonly converse: ConverseEvents;
  private claude: EventMeaning | undefined;
  private chat: EventMeaning | undefined;

  constructor(private readonly upstream: UpstreamSettings | undefined) {
    this.converse = new ConverseEvents(upstream ?? KEYLESS);
  }

  event(type: string, data: JsonObject, events: NeutralEvent[]): void {
    if (type !== 'chunk') return this.converse.event(type, data, events);
    const inner = asObject(parsedJson(Buffer.from(asText(data['bytes']) ?? '', 'base64').toString('utf8')));
    if (inner !== undefined) this.chunk(inner, events);
  }

  exception(type: string, data: JsonObject, events: NeutralEvent[]): void {
    this.converse.exception(type, data, events);
  }

  private chunk(data: JsonObject, events: NeutralEvent[]): void {
    if (asText(data['type']) !== undefined) return (this.claude ??= new MessageEvents(this.upstream)).event(data, '', events);
    if (data['choices'] !== undefined) return (this.chat ??= new ChatChunks(this.upstream)).event(data, '', events);
    for (const [name, value] of Object.entries(data)) {
      const event = asObject(value);
      if (event !== undefined) this.converse.event(name, event, events);
    }
  }
}

const KEYLESS = { apiKey: undefined };
