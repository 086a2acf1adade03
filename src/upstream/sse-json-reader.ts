import { isUtf8 } from 'node:buffer';
import type { NeutralEvent } from './neutral/neutral-event.js';
import type { StreamReader } from './neutral/outbound-dialect.js';
import { asObject, type JsonObject, parsedJson } from './openai/json-value.js';
import { SseReader } from './sse-reader.js';
import { UpstreamFailure } from './upstream-failure.js';

/** What one stream's events mean. Adds to `events`; never throws. */
export interface EventMeaning {
  event(data: JsonObject, name: string, events: NeutralEvent[]): void;
  /** `data: [DONE]`. */
  done(events: NeutralEvent[]): void;
  /** The body ended by its framing. */
  end(events: NeutralEvent[]): void;
}

/**
 * A stream of server-sent events that hold JSON objects, however it is sliced. An event that holds none is dropped and counted; three in a
 * row, or one over the limit, are a failure. After a failure nothing more is read.
 */
export class SseJsonReader implements StreamReader {
  dropped = 0;
  private droppedInARow = 0;
  private isOver = false;
  private isEnding = false;
  private readonly reader: SseReader;

  constructor(
    private readonly meaning: EventMeaning,
    private readonly eventBytesMax: number,
  ) {
    this.reader = new SseReader(eventBytesMax);
  }

  read(chunk: Buffer): readonly NeutralEvent[] {
    const events: NeutralEvent[] = [];
    if (this.isOver) return events;
    this.reader.take(chunk);
    while (!this.isOver && this.reader.next()) this.event(events);
    if (this.reader.isOverLimit && !this.isOver)
      this.fail(`The upstream sent an event of more than ${this.eventBytesMax} bytes, the most that is taken of one event.`, events);
    return events;
  }

  end(): readonly NeutralEvent[] {
    this.isEnding = true;
    const events: NeutralEvent[] = [];
    // The last event may lack its blank line.
    if (this.reader.hasPending) events.push(...this.read(BLANK_LINE));
    if (!this.isOver) this.meaning.end(events);
    this.isOver = true;
    return events;
  }

  private event(events: NeutralEvent[]): void {
    const { reader } = this;
    if (!reader.hasData) {
      if (reader.isComment) events.push(ALIVE);
      return;
    }
    const text = reader.data();
    const data = asObject(parsedJson(text));
    if (data === undefined || (text.includes('\ufffd') && !isUtf8(reader.bytes.subarray(reader.start, reader.end)))) return this.unread(text, events);
    this.tell(data, events);
  }

  private tell(data: JsonObject, events: NeutralEvent[]): void {
    this.droppedInARow = 0;
    const before = events.length;
    this.meaning.event(data, this.reader.name, events);
    if (events.length === before) events.push(ALIVE);
    else if (events.at(-1)?.kind === 'failure') this.isOver = true;
  }

  private unread(text: string, events: NeutralEvent[]): void {
    const word = text.trim();
    if (word === '[DONE]') {
      this.meaning.done(events);
      this.isOver = true;
    } else if (word === '' || this.isEnding) {
      // A heartbeat; or what breaks off at the end, which is judged as an end.
    } else if (this.reader.name === 'error') this.tell({ error: { message: word } }, events);
    else {
      this.dropped += 1;
      this.droppedInARow += 1;
      if (this.droppedInARow >= DROPPED_IN_A_ROW_MAX)
        this.fail(`The upstream sent ${DROPPED_IN_A_ROW_MAX} events in a row that are no JSON.`, events);
    }
  }

  private fail(message: string, events: NeutralEvent[]): void {
    this.isOver = true;
    events.push({ kind: 'failure', failure: new UpstreamFailure('invalid', message) });
  }
}

const ALIVE: NeutralEvent = { kind: 'alive' };
const BLANK_LINE = Buffer.from('\n\n');
const DROPPED_IN_A_ROW_MAX = 3;
