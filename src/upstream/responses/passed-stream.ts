import { isUtf8 } from 'node:buffer';
import type { ErrorBody } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { TokenUsage } from '../../contracts/token-usage.js';
import { locateValue } from '../../json/locate-value.js';
import { spliceJson } from '../../json/splice-json.js';
import { tokenUsage } from '../neutral/token-usage.js';
import { ForwardedBytes } from '../openai/forwarded-bytes.js';
import { asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';
import { embeddedError } from '../openai/provider-error.js';
import { impliedStatus } from '../openai/refusal.js';
import { SseReader } from '../sse-reader.js';
import type { StreamProgress, StreamTranslator } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { readResponseUsage } from './read-response-usage.js';
import { responseError, responseFailure } from './response-failure.js';
import { ResponseIds } from './response-ids.js';
import { streamErrorCode } from './stream-error-code.js';

/**
 * A Responses stream on its way to a client of the same wire: its events go on byte for byte, but for the model's name in those that hold the
 * response. It is complete with `response.completed` or `response.incomplete`; what comes after is not part of it.
 */
export class PassedStream implements StreamTranslator {
  progress: StreamProgress = 'silent';
  failure: UpstreamFailure | undefined;
  usage: TokenUsage | undefined;
  deltas = 0;
  dropped = 0;
  private readonly reader: SseReader;
  private readonly output = new ForwardedBytes();
  private droppedInARow = 0;
  private isEnding = false;
  /** As the upstream told it last, and how its events are counted: what `fail` goes on with. */
  private response: JsonObject = {};
  private nextNumber = 0;
  private reportedCode: string | undefined;

  constructor(
    private readonly call: InferenceCall,
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
      this.fails(`The upstream sent an event of more than ${this.eventBytesMax} bytes, the most that is taken of one event.`);
    return this.output.take();
  }

  end(): Buffer {
    if (this.isEnding) return NOTHING;
    this.isEnding = true;
    // The last event may lack its blank line.
    const rest = this.reader.hasPending ? this.write(BLANK_LINE) : NOTHING;
    if (this.isOver) return rest;
    this.fails(this.isEarly ? 'The upstream ended its stream without an answer.' : 'The upstream ended its stream in the middle of its answer.');
    return rest;
  }

  /** The last event of a stream that broke; nothing comes after it. A limit that the upstream named is named by its code. */
  farewell(error: ErrorBody): Buffer {
    const code = LIMITS.has(this.reportedCode ?? '') ? this.reportedCode : streamErrorCode(error);
    const response = {
      id: new ResponseIds(this.call.requestId).response,
      object: 'response',
      created_at: 0,
      output: [],
      ...this.response,
      status: 'failed',
      model: this.target.answersAs,
      error: { code, message: error.error.message },
    };
    const event = (type: string, told: JsonObject): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.nextNumber++, response: told })}\n\n`;
    // Clients take no response that was not created.
    const created = this.nextNumber > 0 ? '' : event('response.created', { ...response, status: 'in_progress', error: null });
    return Buffer.from(created + event('response.failed', response));
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
    const data = this.readable(text);
    if (data !== undefined) return this.meant(asText(data['type']) ?? reader.name, data);
    if (reader.name === 'error') return this.reported({ message: text });
    const word = text.trim();
    // An empty event is a heartbeat that a client would take for broken JSON; `[DONE]` belongs to another wire.
    if (word !== '' && word !== '[DONE]') this.drop();
  }

  /** undefined for what is no JSON object: bytes that are no UTF-8 are no JSON either. */
  private readable(text: string): JsonObject | undefined {
    const data = asObject(parsedJson(text));
    const { bytes, start, end } = this.reader;
    return data !== undefined && text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end)) ? undefined : data;
  }

  private meant(type: string, data: JsonObject): void {
    this.droppedInARow = 0;
    const number = data['sequence_number'];
    switch (type) {
      case 'error':
        return this.reported(data);
      case 'response.failed':
      case 'response.cancelled':
        return this.reported(asObject(data['response']) ?? data);
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        this.isAlive();
        this.forwardResponse(asObject(data['response']));
        break;
      case 'response.completed':
      case 'response.incomplete':
        this.complete(asObject(data['response']));
        break;
      default:
        if (data['type'] === undefined && embeddedError(data) !== undefined) return this.reported(data);
        this.follow(type);
        this.forward();
    }
    this.nextNumber = typeof number === 'number' ? number + 1 : this.nextNumber + 1;
  }

  private follow(type: string): void {
    if (type.endsWith('.delta')) this.deltas += 1;
    // An item or a part that begins says nothing yet; a hosted tool at work is part of the answer.
    if (type.endsWith('.added') || type === 'keepalive') this.isAlive();
    else this.progress = 'content';
  }

  private isAlive(): void {
    if (this.progress === 'silent') this.progress = 'alive';
  }

  private complete(response: JsonObject | undefined): void {
    const usage = readResponseUsage(response?.['usage']);
    if (usage !== undefined) this.usage = tokenUsage(usage);
    this.forwardResponse(response);
    this.progress = 'done';
  }

  private forward(): void {
    this.output.keep(this.reader.bytes, this.reader.start, this.reader.end);
  }

  /** An event that holds the response and, in it, the provider's name of the model. */
  private forwardResponse(response: JsonObject | undefined): void {
    if (response === undefined) return this.forward();
    this.response = { id: response['id'], object: 'response', created_at: response['created_at'] };
    const model = response['model'];
    if (model === undefined || model === this.target.answersAs) return this.forward();
    const { reader } = this;
    const span = reader.dataStart === undefined ? undefined : locateValue(reader.bytes, reader.dataStart, ['response', 'model']);
    if (span !== undefined) {
      this.output.keep(reader.bytes, reader.start, span.start);
      this.output.put(Buffer.from(JSON.stringify(this.target.answersAs)));
      return this.output.keep(reader.bytes, span.end, reader.end);
    }
    // Spread over lines: put together, for line ends within JSON are but white space.
    const json = Buffer.from(reader.data().replaceAll('\n', ' '));
    const found = locateValue(json, 0, ['response', 'model']);
    const masked = spliceJson(json, found === undefined ? [] : [{ ...found, text: JSON.stringify(this.target.answersAs) }]);
    const name = reader.name === '' ? '' : `event: ${reader.name}\n`;
    this.output.put(Buffer.concat([Buffer.from(`${name}data: `), masked, BLANK_LINE]));
  }

  private drop(): void {
    // What breaks off at the end is judged as an end.
    if (this.isEnding) return;
    this.dropped += 1;
    this.droppedInARow += 1;
    if (this.droppedInARow >= DROPPED_IN_A_ROW_MAX) this.fails(`The upstream sent ${DROPPED_IN_A_ROW_MAX} events in a row that are no JSON.`);
  }

  private reported(value: JsonObject): void {
    const error = responseError(value);
    this.reportedCode = error?.code;
    if (this.isEarly) {
      this.failure = responseFailure(value, this.target.upstream);
      return;
    }
    // A provider's words may repeat the prompt: the log gets none of them.
    const status = error === undefined ? 500 : impliedStatus(error);
    this.fails('The upstream reported an error in the middle of its answer.', new Error(`reported: status ${status}`));
  }

  private fails(message: string, cause?: Error): void {
    this.failure = new UpstreamFailure(this.isEarly ? 'invalid' : 'interrupted', message, cause === undefined ? {} : { cause });
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
const BLANK_LINE = Buffer.from('\n\n');
const DROPPED_IN_A_ROW_MAX = 3;
/** Agents act on these. */
const LIMITS = new Set(['context_length_exceeded', 'insufficient_quota', 'rate_limit_exceeded']);
