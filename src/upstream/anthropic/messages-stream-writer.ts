import { type ErrorBody, type ErrorCode, ERRORS } from '../../contracts/gateway-error.js';
import type { ReplyFrame, StreamWriter } from '../neutral/inbound-dialect.js';
import type { FinishReason, NeutralEvent, NeutralUsage } from '../neutral/neutral-event.js';
import { anthropicError } from '../../contracts/anthropic-error.js';
import { WholeValue } from '../neutral/whole-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { type BlockEvent, HeldBlocks } from './held-blocks.js';
import { messageId } from './message-id.js';
import { messagesCitation } from './messages-citation.js';
import { messagesStop } from './messages-stop.js';
import { messagesUsage } from './messages-usage.js';
import { signedCallId } from '../neutral/signed-call-id.js';

/**
 * The events of a `message` stream, each with its name. One block is open at a time, as clients need it: a call's until its arguments are whole,
 * and what an upstream tells between them waits for its turn. Usage that comes with the end, as with most providers, is told with the end: all of
 * it, for the first event could not.
 */
export class MessagesStreamWriter implements StreamWriter {
  failure: UpstreamFailure | undefined;
  private id: string;
  private hasBegun = false;
  /** Of the block that is open; undefined: none is. */
  private open: 'text' | 'thinking' | 'tool_use' | undefined;
  /** Of the last block. */
  private index = -1;
  /** The last call that was told, and its arguments. */
  private call = -1;
  private arguments = new WholeValue();
  private readonly held = new HeldBlocks();
  private usage: NeutralUsage = { input: 0, output: 0, cached: 0, cacheWritten: 0, reasoning: 0 };
  private reason: FinishReason = 'stop';
  private stopSequence: string | undefined;

  constructor(private readonly reply: ReplyFrame) {
    this.id = reply.id;
  }

  write(event: NeutralEvent): string {
    switch (event.kind) {
      case 'alive':
      case 'failure':
      case 'logprobs':
      // An answer of this wire holds no images.
      case 'image':
        return '';
      case 'start':
        this.id = event.id ?? this.id;
        return '';
      case 'usage':
        this.usage = event.usage;
        return '';
      case 'text':
      case 'refusal':
      case 'reasoning':
      case 'reasoning_signature':
      case 'redacted_reasoning':
      case 'tool_call':
      case 'tool_arguments':
      case 'citation':
      case 'finish':
        return event.choice === 0 ? this.said(event) : '';
    }
  }

  end(): string {
    const delta = { stop_reason: messagesStop(this.reason, this.call >= 0), stop_sequence: this.stopSequence ?? null };
    const last = `{"type":"message_delta","delta":${JSON.stringify(delta)},"usage":${JSON.stringify(messagesUsage(this.usage))}}`;
    return `${this.begun()}${this.released(true)}${this.closed()}${told('message_delta', last)}${told('message_stop', '{"type":"message_stop"}')}`;
  }

  fail(error: ErrorBody): string {
    const { code } = error.error;
    const status = code !== null && Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].status : 500;
    return told('error', JSON.stringify(anthropicError(error, status)));
  }

  private said(event: Extract<NeutralEvent, { readonly choice: number }>): string {
    const begun = this.begun();
    switch (event.kind) {
      case 'text':
      case 'refusal':
      case 'citation':
      case 'reasoning':
      case 'reasoning_signature':
      case 'redacted_reasoning':
      case 'tool_call':
        return this.isBusy ? this.hold(event, begun) : begun + this.put(event);
      case 'tool_arguments':
        if (this.isBusy && event.call !== this.call) return this.hold(event, begun);
        return begun + this.put(event) + this.released(false);
      case 'logprobs':
      case 'image':
        return begun;
      case 'finish':
        this.reason = event.reason;
        this.stopSequence = event.stopSequence;
        return `${begun}${this.released(true)}${this.closed()}`;
    }
  }

  /** A call's block is open, and more of its arguments is to come. */
  private get isBusy(): boolean {
    return this.open === 'tool_use' && !this.arguments.isWhole;
  }

  private hold(event: BlockEvent, begun: string): string {
    this.held.take(event);
    if (this.held.isOverfull) this.failure = new UpstreamFailure('interrupted', HELD_TOO_MUCH);
    return begun;
  }

  /** What waits and can be told now. `all`: of a call that is not whole by now, nothing more will come. */
  private released(all: boolean): string {
    let text = '';
    while (!this.held.isEmpty && (all || !this.isBusy)) for (const event of this.held.next()) text += this.put(event);
    return text;
  }

  private put(event: BlockEvent): string {
    switch (event.kind) {
      case 'text':
      case 'refusal':
        return `${this.within('text')}${this.delta(`{"type":"text_delta","text":${JSON.stringify(event.text)}}`)}`;
      case 'citation':
        return `${this.within('text')}${this.delta(JSON.stringify({ type: 'citations_delta', citation: messagesCitation(event) }))}`;
      case 'reasoning':
        return `${this.within('thinking')}${this.delta(`{"type":"thinking_delta","thinking":${JSON.stringify(event.text)}}`)}`;
      case 'reasoning_signature': {
        const signature = JSON.stringify(event.signature);
        return `${this.within('thinking')}${this.delta(`{"type":"signature_delta","signature":${signature}}`)}${this.closed()}`;
      }
      case 'redacted_reasoning':
        return `${this.closed()}${this.started(JSON.stringify({ type: 'redacted_thinking', data: event.data }))}${this.stopped()}`;
      case 'tool_call': {
        const block = { type: 'tool_use', id: signedCallId(event.id, event.signature), name: event.name, input: {} };
        const text = `${this.closed()}${this.started(JSON.stringify(block))}`;
        this.open = 'tool_use';
        this.call = event.call;
        this.arguments = new WholeValue();
        return text;
      }
      case 'tool_arguments':
        // Of a call whose block is over, there is nothing left to tell but white space.
        if (this.open !== 'tool_use' || event.call !== this.call) return '';
        this.arguments.take(event.json);
        return this.delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(event.json)}}`);
    }
  }

  private begun(): string {
    if (this.hasBegun) return '';
    this.hasBegun = true;
    const message = {
      id: messageId(this.id),
      type: 'message',
      role: 'assistant',
      model: this.reply.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      // Nothing was said yet, and some clients add to this what the end says.
      usage: messagesUsage({ ...this.usage, output: 0, reasoning: 0 }),
    };
    return told('message_start', JSON.stringify({ type: 'message_start', message }));
  }

  /** Opens a block of this kind, if none is open. */
  private within(kind: 'text' | 'thinking'): string {
    if (this.open === kind) return '';
    const block = kind === 'text' ? '{"type":"text","text":""}' : '{"type":"thinking","thinking":"","signature":""}';
    const text = `${this.closed()}${this.started(block)}`;
    this.open = kind;
    return text;
  }

  private started(block: string): string {
    this.index += 1;
    return told('content_block_start', `{"type":"content_block_start","index":${this.index},"content_block":${block}}`);
  }

  private closed(): string {
    if (this.open === undefined) return '';
    this.open = undefined;
    return this.stopped();
  }

  private stopped(): string {
    return told('content_block_stop', `{"type":"content_block_stop","index":${this.index}}`);
  }

  private delta(delta: string): string {
    return told('content_block_delta', `{"type":"content_block_delta","index":${this.index},"delta":${delta}}`);
  }
}

function told(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}

const HELD_TOO_MUCH = 'The upstream told more beside a call that it had begun than this gateway holds back.';
