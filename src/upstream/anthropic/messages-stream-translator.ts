import { anthropicError } from '../../contracts/anthropic-error.js';
import { type ErrorBody, type ErrorCode, ERRORS } from '../../contracts/gateway-error.js';
import type { Target } from '../../contracts/target.js';
import { locateValue } from '../../json/locate-value.js';
import { ForwardedStream } from '../forwarded-stream.js';
import { tokenUsage } from '../neutral/token-usage.js';
import { asObject, asText, type JsonObject } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { AnthropicUsage } from './anthropic-usage.js';
import { messagesFailure } from './messages-failure.js';

/**
 * An Anthropic stream on its way to an Anthropic client: every event goes on byte for byte, kinds that are not known and pings among them, but for the model's
 * name in the first. An `error` event becomes the failure, and the last event that the client gets, in the provider's words.
 */
export class MessagesStreamTranslator extends ForwardedStream {
  private readonly counted = new AnthropicUsage();

  constructor(
    private readonly target: Target,
    eventBytesMax: number,
  ) {
    super(eventBytesMax);
  }

  /** The provider's own words, where they are why the stream broke: clients' retries go by them. */
  farewell(error: ErrorBody): Buffer {
    const words = this.failure?.details.rawBody?.toString('utf8') ?? JSON.stringify(anthropicError(error, statusOf(error)));
    return Buffer.from(`event: error\ndata: ${words}\n\n`);
  }

  protected meant(data: JsonObject): void {
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

  protected complete(): boolean {
    if (this.progress !== 'finished') return false;
    this.output.put(MESSAGE_STOP);
    this.progress = 'done';
    return true;
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
    if (this.progress === 'silent') this.breakOff();
    else this.progress = 'done';
  }

  private count(usage: unknown): void {
    this.counted.take(usage);
    const { event } = this.counted;
    if (event !== undefined) this.usage = tokenUsage(event.usage);
  }

  private forwardStart(message: JsonObject | undefined): void {
    const { reader, target } = this;
    if (message === undefined || message['model'] === undefined || message['model'] === target.answersAs) return this.forward();
    const span = reader.dataStart === undefined ? undefined : locateValue(reader.bytes, reader.dataStart, ['message', 'model']);
    if (span !== undefined) return this.forwardWith(Buffer.from(JSON.stringify(target.answersAs)), span.start, span.end);
    // Data that is spread over lines is put together: an inner name must not get out.
    const data = JSON.stringify({ type: 'message_start', message: { ...message, model: target.answersAs } });
    this.output.put(Buffer.from(`event: message_start\ndata: ${data}\n\n`));
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
}

const MESSAGE_STOP = Buffer.from('event: message_stop\ndata: {"type":"message_stop"}\n\n');

function statusOf({ error: { code } }: ErrorBody): number {
  return code !== null && Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].status : 500;
}
