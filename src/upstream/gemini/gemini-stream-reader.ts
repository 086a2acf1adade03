import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { StreamReader } from '../neutral/outbound-dialect.js';
import { type EventMeaning, SseJsonReader } from '../sse-json-reader.js';
import { JsonListReader } from './json-list-reader.js';

/** Google's stream in either of its framings, told apart by the first byte that is no white space: events, or a list where a proxy lost the wish for events. */
export class GeminiStreamReader implements StreamReader {
  private reader: StreamReader | undefined;

  constructor(
    private readonly meaning: EventMeaning,
    private readonly eventBytesMax: number,
  ) {}

  get dropped(): number {
    return this.reader?.dropped ?? 0;
  }

  read(chunk: Buffer): readonly NeutralEvent[] {
    this.reader ??= this.chosen(chunk);
    return this.reader?.read(chunk) ?? NOTHING;
  }

  end(): readonly NeutralEvent[] {
    this.reader ??= new SseJsonReader(this.meaning, this.eventBytesMax);
    return this.reader.end();
  }

  private chosen(chunk: Buffer): StreamReader | undefined {
    const first = chunk.find((byte) => byte > SPACE);
    if (first === undefined) return undefined;
    const { meaning, eventBytesMax } = this;
    return JSON_BEGINS.has(first) ? new JsonListReader(meaning, eventBytesMax) : new SseJsonReader(meaning, eventBytesMax);
  }
}

const NOTHING: readonly NeutralEvent[] = [];
const SPACE = 0x20;
const JSON_BEGINS: ReadonlySet<number> = new Set(Buffer.from('[{'));
