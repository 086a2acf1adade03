import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { parsedJson } from '../openai/json-value.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { StreamReader } from '../neutral/outbound-dialect.js';
import { SseReader } from '../sse-reader.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { ResponseEvents } from './response-events.js';

/** Reads `streamGenerateContent?alt=sse`: each event is a response, nothing marks the end but the end of the body. */
export class GeminiStreamReader implements StreamReader {
  dropped = 0;
  private readonly reader: SseReader;
  private readonly responses: ResponseEvents;
  private droppedInARow = 0;
  private isOver = false;

  constructor(
    private readonly eventBytesMax: number,
    upstream: Pick<UpstreamSettings, 'apiKey'>,
  ) {
    this.reader = new SseReader(eventBytesMax);
    this.responses = new ResponseEvents(eventBytesMax, upstream);
  }

  read(chunk: Buffer): readonly NeutralEvent[] {
    const events: NeutralEvent[] = [];
    if (this.isOver) return events;
    this.reader.take(chunk);
    while (!this.isOver && this.reader.next()) this.event(events);
    if (this.reader.isOverLimit && !this.isOver)
      this.fail(events, `The upstream sent an event of more than ${this.eventBytesMax} bytes, the most that is taken of one event.`);
    return events;
  }

  end(): readonly NeutralEvent[] {
    // The last event may lack its blank line.
    const rest = this.reader.hasPending ? this.read(BLANK_LINE) : [];
    if (this.isOver) return rest;
    this.isOver = true;
    return [...rest, ...this.responses.end()];
  }

  private event(events: NeutralEvent[]): void {
    const { reader } = this;
    if (reader.isComment) events.push({ kind: 'alive' });
    if (!reader.hasData) return;
    const text = reader.data();
    const taken = this.responses.take(parsedJson(text), text);
    if (taken === undefined) return this.drop(events);
    this.droppedInARow = 0;
    for (const event of taken) {
      events.push(event);
      if (event.kind !== 'failure') continue;
      this.isOver = true;
      return;
    }
  }

  private drop(events: NeutralEvent[]): void {
    this.dropped += 1;
    this.droppedInARow += 1;
    if (this.droppedInARow === DROPPED_IN_A_ROW_MAX) this.fail(events, 'The upstream sent a stream that makes no sense.');
  }

  private fail(events: NeutralEvent[], message: string): void {
    this.isOver = true;
    events.push({ kind: 'failure', failure: new UpstreamFailure('invalid', message) });
  }
}

const BLANK_LINE = Buffer.from('\n\n');
const DROPPED_IN_A_ROW_MAX = 3;
