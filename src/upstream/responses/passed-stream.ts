import type { ErrorBody } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { responsesError } from '../../contracts/responses-error.js';
import type { Target } from '../../contracts/target.js';
import { locateValue } from '../../json/locate-value.js';
import { spliceJson } from '../../json/splice-json.js';
import { ForwardedStream } from '../forwarded-stream.js';
import { tokenUsage } from '../neutral/token-usage.js';
import { asObject, asText, type JsonObject } from '../openai/json-value.js';
import { embeddedError } from '../openai/provider-error.js';
import { impliedStatus } from '../openai/refusal.js';
import { readResponseUsage } from './read-response-usage.js';
import { responseError, responseFailure } from './response-failure.js';
import { ResponseIds } from './response-ids.js';
import { streamErrorCode } from './stream-error-code.js';

/**
 * A Responses stream on its way to a client of the same wire: its events go on byte for byte, but for the model's name in those that hold the
 * response. It is complete with `response.completed` or `response.incomplete`; what comes after is not part of it.
 */
export class PassedStream extends ForwardedStream {
  /** As the upstream told it last, and how its events are counted: what `farewell` goes on with. */
  private response: JsonObject = {};
  private nextNumber = 0;
  private reportedCode: string | undefined;

  constructor(
    private readonly call: InferenceCall,
    private readonly target: Target,
    eventBytesMax: number,
  ) {
    super(eventBytesMax);
  }

  /** The last events of a stream that broke; nothing comes after them. A limit that the upstream named is named by its code. */
  farewell(error: ErrorBody): Buffer {
    const reported = this.reportedCode ?? '';
    const code = LIMITS.has(reported) ? reported : streamErrorCode(error);
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
    const event = (type: string, members: object): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.nextNumber++, ...members })}\n\n`;
    // Clients take no response that was not created.
    const created = this.nextNumber > 0 ? '' : event('response.created', { response: { ...response, status: 'in_progress', error: null } });
    return Buffer.from(created + event('error', responsesError(error, code)) + event('response.failed', { response }));
  }

  protected override unreadable(text: string): void {
    if (this.reader.name === 'error') this.reported({ message: text });
    else super.unreadable(text);
  }

  protected meant(data: JsonObject): void {
    const type = asText(data['type']) ?? this.reader.name;
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
        this.completed(asObject(data['response']));
        break;
      default:
        if (data['type'] === undefined && embeddedError(data) !== undefined) return this.reported(data);
        this.follow(type);
        this.forward();
    }
    this.nextNumber = typeof number === 'number' ? number + 1 : this.nextNumber + 1;
  }

  /** Only an event of its own completes a response. */
  protected complete(): boolean {
    return false;
  }

  private follow(type: string): void {
    if (type.endsWith('.delta')) this.deltas += 1;
    // An item or a part that begins says nothing yet; a hosted tool at work is part of the answer.
    if (type.endsWith('.added') || type === 'keepalive') this.isAlive();
    else this.progress = 'content';
  }

  private completed(response: JsonObject | undefined): void {
    const usage = readResponseUsage(response?.['usage']);
    if (usage !== undefined) this.usage = tokenUsage(usage);
    this.forwardResponse(response);
    this.progress = 'done';
  }

  /** An event that holds the response and, in it, the provider's name of the model. */
  private forwardResponse(response: JsonObject | undefined): void {
    if (response === undefined) return this.forward();
    this.response = { id: response['id'], object: 'response', created_at: response['created_at'] };
    const model = response['model'];
    if (model === undefined || model === this.target.answersAs) return this.forward();
    const { reader } = this;
    const name = JSON.stringify(this.target.answersAs);
    const span = reader.dataStart === undefined ? undefined : locateValue(reader.bytes, reader.dataStart, ['response', 'model']);
    if (span !== undefined) return this.forwardWith(Buffer.from(name), span.start, span.end);
    const json = this.joinedData();
    const found = locateValue(json, 0, ['response', 'model']);
    this.forwardData(spliceJson(json, found === undefined ? [] : [{ ...found, text: name }]));
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
    this.fail('The upstream reported an error in the middle of its answer.', 'invalid', new Error(`reported: status ${status}`));
  }
}

/** Agents act on these. */
const LIMITS = new Set(['context_length_exceeded', 'insufficient_quota', 'rate_limit_exceeded']);
