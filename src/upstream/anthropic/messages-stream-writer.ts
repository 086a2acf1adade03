import { type ErrorBody, type ErrorCode, ERRORS } from '../../contracts/gateway-error.js';
import type { ReplyFrame, StreamWriter } from '../neutral/inbound-dialect.js';
import type { FinishReason, NeutralEvent, NeutralUsage } from '../neutral/neutral-event.js';
import { anthropicError } from '../../contracts/anthropic-error.js';
import { messageId } from './message-id.js';
import { messagesCitation } from './messages-citation.js';
import { messagesStop } from './messages-stop.js';
import { messagesUsage } from './messages-usage.js';
import { signedCallId } from '../neutral/signed-call-id.js';

/**
 * The events of a `message` stream, each with its name. One block is open at a time; usage that comes with the end, as with most providers, is
 * told with the end: all of it, for the first event could not.
 */
export class MessagesStreamWriter implements StreamWriter {
  private id: string;
  private hasBegun = false;
  /** Of the block that is open; undefined: none is. */
  private open: 'text' | 'thinking' | 'tool_use' | undefined;
  /** Of the last block. */
  private index = -1;
  /** A call's block. */
  private readonly calls = new Map<number, number>();
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
    const delta = { stop_reason: messagesStop(this.reason, this.calls.size > 0), stop_sequence: this.stopSequence ?? null };
    const last = `{"type":"message_delta","delta":${JSON.stringify(delta)},"usage":${JSON.stringify(messagesUsage(this.usage))}}`;
    return `${this.begun()}${this.closed()}${told('message_delta', last)}${told('message_stop', '{"type":"message_stop"}')}`;
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
        return `${begun}${this.within('text')}${this.delta(`{"type":"text_delta","text":${JSON.stringify(event.text)}}`)}`;
      case 'citation':
        return `${begun}${this.within('text')}${this.delta(JSON.stringify({ type: 'citations_delta', citation: messagesCitation(event) }))}`;
      case 'reasoning':
        return `${begun}${this.within('thinking')}${this.delta(`{"type":"thinking_delta","thinking":${JSON.stringify(event.text)}}`)}`;
      case 'reasoning_signature': {
        const signature = JSON.stringify(event.signature);
        return `${begun}${this.within('thinking')}${this.delta(`{"type":"signature_delta","signature":${signature}}`)}${this.closed()}`;
      }
      case 'redacted_reasoning':
        return `${begun}${this.closed()}${this.started(JSON.stringify({ type: 'redacted_thinking', data: event.data }))}${this.stopped()}`;
      case 'tool_call': {
        const block = { type: 'tool_use', id: signedCallId(event.id, event.signature), name: event.name, input: {} };
        const text = `${begun}${this.closed()}${this.started(JSON.stringify(block))}`;
        this.open = 'tool_use';
        this.calls.set(event.call, this.index);
        return text;
      }
      case 'tool_arguments': {
        const index = this.calls.get(event.call);
        // That a call had no arguments may be known when another has begun: its block is over, and says so as it stands.
        if (event.json === '{}' && index !== this.index) return begun;
        return `${begun}${this.delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(event.json)}}`, index)}`;
      }
      case 'logprobs':
      case 'image':
        return begun;
      case 'finish':
        this.reason = event.reason;
        this.stopSequence = event.stopSequence;
        return `${begun}${this.closed()}`;
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
      usage: messagesUsage(this.usage),
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

  private delta(delta: string, index = this.index): string {
    return told('content_block_delta', `{"type":"content_block_delta","index":${index},"delta":${delta}}`);
  }
}

function told(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}
