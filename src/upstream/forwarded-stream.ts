import { isUtf8 } from 'node:buffer';
import type { TokenUsage } from '../contracts/token-usage.js';
import { ForwardedBytes } from './openai/forwarded-bytes.js';
import { asObject, type JsonObject, parsedJson } from './openai/json-value.js';
import { SseReader } from './sse-reader.js';
import type { StreamProgress, StreamTranslator } from './upstream-adapter.js';
import { type FailureKind, UpstreamFailure } from './upstream-failure.js';

/**
 * A stream of server-sent events on its way to a client of the same wire, event by event and byte for byte. What stands here is alike on every
 * wire: an event that holds no JSON object is dropped and counted, three of them in a row or one over the limit are a failure, and after a
 * failure nothing more is read. What an event means, and which of its bytes change, is the wire's own.
 */
export abstract class ForwardedStream implements StreamTranslator {
  progress: StreamProgress = 'silent';
  failure: UpstreamFailure | undefined;
  usage: TokenUsage | undefined;
  deltas = 0;
  dropped = 0;
  protected readonly reader: SseReader;
  protected readonly output = new ForwardedBytes();
  private droppedInARow = 0;
  private isEnding = false;

  constructor(private readonly eventBytesMax: number) {
    this.reader = new SseReader(eventBytesMax);
  }

  write(chunk: Buffer): Buffer {
    if (this.isOver) return NOTHING;
    this.reader.take(chunk);
    while (!this.isOver && this.reader.next()) this.event();
    if (this.reader.isOverLimit && !this.isOver)
      this.fail(`The upstream sent an event of more than ${this.eventBytesMax} bytes, the most that is taken of one event.`);
    return this.output.take();
  }

  end(): Buffer {
    if (this.isEnding) return NOTHING;
    this.isEnding = true;
    // The last event may lack its blank line.
    const rest = this.reader.hasPending ? this.write(BLANK_LINE) : NOTHING;
    if (this.isOver) return rest;
    if (this.complete()) return Buffer.concat([rest, this.output.take()]);
    this.breakOff();
    return rest;
  }

  /** The event that the reader is at holds `data`: follows it, and forwards what the client gets of it. */
  protected abstract meant(data: JsonObject): void;

  /** The body ended where no last event was seen: puts what the client is owed, or returns false when its answer is not whole. */
  protected abstract complete(): boolean;

  protected event(): void {
    const { reader } = this;
    if (!reader.hasData) {
      if (reader.isComment) this.isAlive();
      return this.forward();
    }
    const text = reader.data();
    const data = this.readable(text);
    if (data === undefined) return this.unreadable(text);
    this.wasRead();
    this.meant(data);
  }

  protected wasRead(): void {
    this.droppedInARow = 0;
  }

  /** An empty event is a heartbeat that a client would take for broken JSON; `[DONE]` is the last event of one wire and stays here on the others. */
  protected unreadable(text: string): void {
    const word = text.trim();
    // What breaks off at the end is judged as an end.
    if (word === '' || word === '[DONE]' || this.isEnding) return;
    this.dropped += 1;
    this.droppedInARow += 1;
    if (this.droppedInARow >= DROPPED_IN_A_ROW_MAX) this.fail(`The upstream sent ${DROPPED_IN_A_ROW_MAX} events in a row that are no JSON.`);
  }

  protected get isEarly(): boolean {
    return this.progress === 'silent' || this.progress === 'alive';
  }

  protected isAlive(): void {
    if (this.progress === 'silent') this.progress = 'alive';
  }

  protected forward(): void {
    this.output.keep(this.reader.bytes, this.reader.start, this.reader.end);
  }

  /** `[start, end)` of the reader's bytes gives way to `bytes`; the rest of the event goes on as it is. */
  protected forwardWith(bytes: Buffer, start: number, end: number): void {
    const { reader, output } = this;
    output.keep(reader.bytes, reader.start, start);
    output.put(bytes);
    output.keep(reader.bytes, end, reader.end);
  }

  /** The event with other data. */
  protected forwardData(json: Buffer): void {
    const name = this.reader.name === '' ? '' : `event: ${this.reader.name}\n`;
    this.output.put(Buffer.concat([Buffer.from(`${name}data: `), json, BLANK_LINE]));
  }

  /** Data that is spread over lines, put together: line ends within JSON are but white space. */
  protected joinedData(): Buffer {
    return Buffer.from(this.reader.data().replaceAll('\n', ' '));
  }

  protected breakOff(): void {
    this.fail(this.isEarly ? 'The upstream ended its stream without an answer.' : 'The upstream ended its stream in the middle of its answer.');
  }

  /** `early`: the kind before any content, while another attempt can still be made. */
  protected fail(message: string, early: FailureKind = 'invalid', cause?: Error): void {
    this.failure = new UpstreamFailure(this.isEarly ? early : 'interrupted', message, cause === undefined ? {} : { cause });
  }

  private get isOver(): boolean {
    return this.failure !== undefined || this.progress === 'done';
  }

  /** undefined for what is no JSON object: bytes that are no UTF-8 are no JSON either. */
  private readable(text: string): JsonObject | undefined {
    const data = text.startsWith('[') ? undefined : asObject(parsedJson(text));
    const { bytes, start, end } = this.reader;
    return data !== undefined && text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end)) ? undefined : data;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
const BLANK_LINE = Buffer.from('\n\n');
const DROPPED_IN_A_ROW_MAX = 3;
