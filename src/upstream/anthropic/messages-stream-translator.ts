import { isUtf8 } from 'node:buffer';
import { anthropicError } from '../../contracts/anthropic-error.js';
import { type ErrorBody, type ErrorCode, ERRORS } from '../../contracts/gateway-error.js';
import type { Target } from '../../contracts/target.js';
import type { TokenUsage } from '../../contracts/token-usage.js';
import { locateValue } from '../../json/locate-value.js';
import { tokenUsage } from '../neutral/token-usage.js';
import { ForwardedBytes } from '../openai/forwarded-bytes.js';
import { asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';
import { SseReader } from '../sse-reader.js';
import type { StreamProgress, StreamTranslator } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { AnthropicUsage } from './anthropic-usage.js';
import { messagesFailure } from './messages-failure.js';

/**
 * An Anthropic stream on its way to an Anthropic client: every event goes on byte for byte, kinds that are not known and pings among them, but for the model's
 * name in the first. An `error` event becomes the failure, and the last event that the client gets, in the provider's words.
 */
export class MessagesStreamTranslator implements StreamTranslator {
  progress: StreamProgress = 'silent';
  failure: UpstreamFailure | undefined;
  usage: TokenUsage | undefined;
  deltas = 0;
  dropped = 0;
  private readonly reader: SseReader;
  private readonly output = new ForwardedBytes();
  private readonly counted = new AnthropicUsage();
  private droppedInARow = 0;
  private isEnding = false;

  constructor(
    private readonly target: Target,
    private readonly eventBytesMax: number,
  ) {
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
    if (this.progress !== 'finished') {
      this.fail(this.isEarly ? 'The upstream ended its stream without an answer.' : 'The upstream ended its stream in the middle of its answer.');
      return rest;
    }
    this.progress = 'done';
    return Buffer.concat([rest, MESSAGE_STOP]);
  }

  /** The provider's own words, where they are why the stream broke: clients' retries go by them. */
  farewell(error: ErrorBody): Buffer {
    const words = this.failure?.details.rawBody?.toString('utf8') ?? JSON.stringify(anthropicError(error, statusOf(error)));
    return Buffer.from(`event: error\ndata: ${words}\n\n`);
  }

  private get isOver(): boolean {
    return this.failure !== undefined || this.progress === 'done';
  }

  private get isEarly(): boolean {
    return this.progress === 'silent' || this.progress === 'alive';
  }

  private event(): void {
    const { reader } = this;
    if (!reader.hasData) {
      if (reader.isComment) this.isAlive();
      return this.forward();
    }
    const text = reader.data();
    const data = asObject(parsedJson(text));
    if (data !== undefined && !(text.includes('\ufffd') && !isUtf8(reader.bytes.subarray(reader.start, reader.end)))) return this.follow(data);
    if (text.trim() === '[DONE]' || text.trim() === '') return;
    this.drop();
  }

  private follow(data: JsonObject): void {
    this.droppedInARow = 0;
    const type = asText(data['type']) ?? this.reader.name;
    if (type === 'error' || asObject(data['error']) !== undefined) return this.reported(data);
    switch (type) {
      case 'message_start': {
        const message = asObject(data['message']);
        this.count(message?.['usage']);
        this.isAlive();
        return this.forwardStart(message);
      }
      case 'content_block_start':
        this.begun(asObject(data['content_block']));
        break;
      case 'content_block_delta':
        this.grown(asObject(data['delta']));
        break;
      case 'message_delta':
        this.count(data['usage']);
        if (asText(asObject(data['delta'])?.['stop_reason']) !== undefined) this.progress = 'finished';
        break;
      case 'message_stop':
        this.stopped();
        break;
      default:
        this.isAlive();
    }
    this.isAlive();
    if (this.failure === undefined) this.forward();
  }

  private begun(block: JsonObject | undefined): void {
    switch (block?.['type']) {
      case 'text':
      case 'thinking':
        if (asText(block['text'] ?? block['thinking']) !== undefined) this.hasContent();
        return;
      case undefined:
        return;
    }
    // A call, hidden thoughts, or a tool of the provider at work.
    this.hasContent();
  }

  private grown(delta: JsonObject | undefined): void {
    const said = delta?.['text'] ?? delta?.['thinking'] ?? delta?.['partial_json'];
    if (asText(said) !== undefined) this.hasContent();
  }

  private hasContent(): void {
    this.deltas += 1;
    if (this.progress !== 'finished') this.progress = 'content';
  }

  private stopped(): void {
    if (this.progress === 'silent') this.fail('The upstream ended its stream without an answer.');
    else this.progress = 'done';
  }

  private isAlive(): void {
    if (this.progress === 'silent') this.progress = 'alive';
  }

  private count(usage: unknown): void {
    this.counted.take(usage);
    const { event } = this.counted;
    if (event !== undefined) this.usage = tokenUsage(event.usage);
  }

  private forward(): void {
    this.output.keep(this.reader.bytes, this.reader.start, this.reader.end);
  }

  private forwardStart(message: JsonObject | undefined): void {
    const { reader, target } = this;
    if (message === undefined || message['model'] === undefined || message['model'] === target.answersAs) return this.forward();
    const { bytes, start, end } = reader;
    const span = reader.dataStart === undefined ? undefined : locateValue(bytes, reader.dataStart, ['message', 'model']);
    if (span !== undefined) {
      this.output.keep(bytes, start, span.start);
      this.output.put(Buffer.from(JSON.stringify(target.answersAs)));
      return this.output.keep(bytes, span.end, end);
    }
    // Data that is spread over lines is put together: an inner name must not get out.
    const data = JSON.stringify({ type: 'message_start', message: { ...message, model: target.answersAs } });
    this.output.put(Buffer.from(`event: message_start\ndata: ${data}\n\n`));
  }

  private drop(): void {
    // What breaks off at the end is judged as an end.
    if (this.isEnding) return;
    this.dropped += 1;
    this.droppedInARow += 1;
    if (this.droppedInARow >= DROPPED_IN_A_ROW_MAX) this.fail(`The upstream sent ${DROPPED_IN_A_ROW_MAX} events in a row that are no JSON.`);
  }

  private reported(data: JsonObject): void {
    const failure = messagesFailure(data, this.target.upstream);
    if (this.isEarly) this.failure = failure;
    else
      this.failure = new UpstreamFailure('interrupted', 'The upstream reported an error in the middle of its answer.', {
        ...failure.details,
        // A provider's words may repeat the prompt: the log gets none of them.
        cause: new Error(`reported: ${failure.kind}`),
      });
  }

  private fail(message: string): void {
    this.failure = new UpstreamFailure(this.isEarly ? 'invalid' : 'interrupted', message);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
const BLANK_LINE = Buffer.from('\n\n');
const MESSAGE_STOP = Buffer.from('event: message_stop\ndata: {"type":"message_stop"}\n\n');
const DROPPED_IN_A_ROW_MAX = 3;

function statusOf({ error: { code } }: ErrorBody): number {
  return code !== null && Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].status : 500;
}
