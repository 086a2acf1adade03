import { isUtf8 } from 'node:buffer';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { StreamReader } from '../neutral/outbound-dialect.js';
import { asObject, parsedJson } from '../openai/json-value.js';
import type { EventMeaning } from '../sse-json-reader.js';
import { UpstreamFailure } from '../upstream-failure.js';

/**
 * A stream that is one list of JSON objects, as Google sends it to who did not ask for events; or one object alone. However it is sliced, each
 * object is told as soon as its last brace is here. What is no such list, and an object over the limit, are a failure; nothing is read after it.
 */
export class JsonListReader implements StreamReader {
  readonly dropped = 0;
  private readonly held: Buffer[] = [];
  private heldBytes = 0;
  /** Of braces and brackets within the object that is arriving; 0: between objects. */
  private depth = 0;
  private isText = false;
  private isEscaped = false;
  private isOver = false;

  constructor(
    private readonly meaning: EventMeaning,
    private readonly eventBytesMax: number,
  ) {}

  read(chunk: Buffer): readonly NeutralEvent[] {
    const events: NeutralEvent[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length && !this.isOver; at++) {
      const byte = chunk[at] as number;
      if (this.depth === 0) {
        if (byte === OPEN_BRACE) from = at;
        else if (!BETWEEN.has(byte)) this.fail('The upstream sent a stream that is no list of JSON objects.', events);
      }
      if (this.goesOn(byte)) continue;
      this.hold(chunk.subarray(from, at + 1), events);
      if (!this.isOver) this.tell(events);
    }
    if (this.depth > 0) this.hold(Buffer.from(chunk.subarray(from)), events);
    return events;
  }

  end(): readonly NeutralEvent[] {
    const events: NeutralEvent[] = [];
    // An object that breaks off says nothing: whether the answer was whole is judged by its end.
    if (!this.isOver) this.meaning.end(events);
    this.isOver = true;
    return events;
  }

  /** false: this byte ended an object. */
  private goesOn(byte: number): boolean {
    if (this.isText) {
      if (this.isEscaped) this.isEscaped = false;
      else if (byte === BACKSLASH) this.isEscaped = true;
      else if (byte === QUOTE) this.isText = false;
      return true;
    }
    if (byte === QUOTE) this.isText = this.depth > 0;
    else if (byte === OPEN_BRACE || (byte === OPEN_BRACKET && this.depth > 0)) this.depth += 1;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && this.depth > 0) return --this.depth > 0;
    return true;
  }

  private hold(bytes: Buffer, events: NeutralEvent[]): void {
    if (this.isOver) return;
    this.held.push(bytes);
    this.heldBytes += bytes.length;
    if (this.heldBytes > this.eventBytesMax)
      this.fail(`The upstream sent an event of more than ${this.eventBytesMax} bytes, the most that is taken of one event.`, events);
  }

  private tell(events: NeutralEvent[]): void {
    const bytes = this.held.length === 1 ? (this.held[0] as Buffer) : Buffer.concat(this.held);
    this.held.length = this.heldBytes = 0;
    const data = isUtf8(bytes) ? asObject(parsedJson(bytes.toString('utf8'))) : undefined;
    if (data === undefined) return this.fail('The upstream sent a stream that is no list of JSON objects.', events);
    const before = events.length;
    this.meaning.event(data, '', events);
    if (events.length === before) events.push(ALIVE);
    else if (events.at(-1)?.kind === 'failure') this.isOver = true;
  }

  private fail(message: string, events: NeutralEvent[]): void {
    this.isOver = true;
    events.push({ kind: 'failure', failure: new UpstreamFailure('invalid', message) });
  }
}

const ALIVE: NeutralEvent = { kind: 'alive' };
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** White space, the comma, the list's own brackets. */
const BETWEEN: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n,[]'));
