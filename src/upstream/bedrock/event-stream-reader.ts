import { isUtf8 } from 'node:buffer';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { StreamReader } from '../neutral/outbound-dialect.js';
import { asObject, type JsonObject, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { type EventStreamFault, type EventStreamFrame, EventStreamFrames } from './event-stream-frames.js';

/** What the messages of one stream mean. Adds to `events`; never throws. */
export interface FrameMeaning {
  event(type: string, data: JsonObject, events: NeutralEvent[]): void;
  /** `type`: the name of the exception, or the code of an error. */
  exception(type: string, data: JsonObject, events: NeutralEvent[]): void;
}

/**
 * An AWS event stream of JSON objects, however it is sliced. A message that holds none is dropped and counted, three in a row are a failure; a
 * wrong checksum is one at once, for what comes after it cannot be told apart. After a failure nothing more is read.
 */
export class EventStreamReader implements StreamReader {
  dropped = 0;
  private droppedInARow = 0;
  private isOver = false;
  private readonly frames: EventStreamFrames;

  constructor(
    private readonly meaning: FrameMeaning,
    private readonly eventBytesMax: number,
  ) {
    this.frames = new EventStreamFrames(eventBytesMax);
  }

  read(chunk: Buffer): readonly NeutralEvent[] {
    const events: NeutralEvent[] = [];
    if (this.isOver) return events;
    this.frames.take(chunk);
    for (let frame = this.frames.next(); frame !== undefined && !this.isOver; frame = this.frames.next()) this.frame(frame, events);
    if (this.frames.fault !== undefined && !this.isOver) this.fail(wordsOf(this.frames.fault, this.eventBytesMax), events);
    return events;
  }

  /** A message that breaks off is an end like another: whether the answer was complete is seen from its events. */
  end(): readonly NeutralEvent[] {
    this.isOver = true;
    return [];
  }

  private frame({ headers, payload }: EventStreamFrame, events: NeutralEvent[]): void {
    const messageType = headers.get(':message-type') ?? 'event';
    if (messageType !== 'event') {
      const type = headers.get(':exception-type') ?? headers.get(':error-code') ?? '';
      const words = headers.get(':error-message');
      const data = asObject(parsedJson(payload.toString('utf8'))) ?? (words === undefined ? {} : { message: words });
      this.meaning.exception(type, data, events);
      this.isOver = true;
      return;
    }
    const data = isUtf8(payload) ? asObject(parsedJson(payload.toString('utf8'))) : undefined;
    if (data === undefined) return this.drop(events);
    this.droppedInARow = 0;
    const before = events.length;
    this.meaning.event(headers.get(':event-type') ?? '', data, events);
    if (events.length === before) events.push(ALIVE);
    else if (events.at(-1)?.kind === 'failure') this.isOver = true;
  }

  private drop(events: NeutralEvent[]): void {
    this.dropped += 1;
    this.droppedInARow += 1;
    if (this.droppedInARow >= DROPPED_IN_A_ROW_MAX) this.fail(`The upstream sent ${DROPPED_IN_A_ROW_MAX} events in a row that are no JSON.`, events);
  }

  private fail(message: string, events: NeutralEvent[]): void {
    this.isOver = true;
    events.push({ kind: 'failure', failure: new UpstreamFailure('invalid', message) });
  }
}

const ALIVE: NeutralEvent = { kind: 'alive' };
const DROPPED_IN_A_ROW_MAX = 3;

function wordsOf(fault: EventStreamFault, eventBytesMax: number): string {
  switch (fault) {
    case 'checksum':
      return 'The upstream sent an event whose checksum is wrong.';
    case 'shape':
      return 'The upstream sent a stream that is no event stream.';
    case 'size':
      return `The upstream sent an event of more than ${eventBytesMax} bytes, the most that is taken of one event.`;
  }
}
