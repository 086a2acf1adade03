import type { ErrorBody } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import { responsesError } from '../../contracts/responses-error.js';
import type { ReplyFrame, StreamWriter } from '../neutral/inbound-dialect.js';
import type { FinishReason, NeutralEvent, NeutralUsage } from '../neutral/neutral-event.js';
import { CallItem } from './call-item.js';
import { EventLines } from './event-lines.js';
import { ImageItem } from './image-item.js';
import { MessageItem } from './message-item.js';
import type { ItemEnd, OutputItem } from './output-item.js';
import { ReasoningItem } from './reasoning-item.js';
import { ResponseFrame } from './response-frame.js';
import { ResponseIds } from './response-ids.js';
import { responseUsage } from './response-usage.js';
import { sealed } from './sealed-reasoning.js';
import { streamErrorCode } from './stream-error-code.js';
import { ToolNames } from './tool-names.js';

/**
 * The events of a streamed response. Each stretch of speech, of thought, and each call is an item; the last event repeats all of them, so what
 * was said is remembered whole (the size of a stream is limited before it comes here). This wire has one choice: others are not told.
 */
export class ResponsesStreamWriter implements StreamWriter {
  private readonly events = new EventLines();
  private readonly tools: ToolNames;
  private readonly items: OutputItem[] = [];
  /** What goes on being said or thought. */
  private current: MessageItem | ReasoningItem | undefined;
  /** Those that are open. */
  private readonly calls = new Map<number, CallItem>();
  private begun: { readonly ids: ResponseIds; readonly frame: ResponseFrame } | undefined;
  /** Came before the text it belongs to. */
  private logprobs: unknown[] = [];
  private citations: { readonly url: string; readonly title: string }[] = [];
  private reason: FinishReason = 'stop';
  private usage: NeutralUsage | undefined;

  constructor(
    private readonly reply: ReplyFrame,
    private readonly call: InferenceCall | undefined,
  ) {
    this.tools = ToolNames.of(call);
  }

  write(event: NeutralEvent): string {
    switch (event.kind) {
      case 'alive':
      case 'failure':
        return '';
      case 'start':
        return this.begin(event.id);
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
      case 'image':
      case 'logprobs':
      case 'finish':
        return event.choice === 0 ? this.begin(undefined) + this.tell(event) : '';
    }
  }

  end(): string {
    const opened = this.begin(undefined);
    const status = this.isCut ? 'incomplete' : 'completed';
    return opened + this.closeAll() + this.events.line(`response.${status}`, `"response":${this.response()}`);
  }

  fail(error: ErrorBody): string {
    const opened = this.begin(undefined);
    const code = streamErrorCode(error);
    const told = this.events.line('error', JSON.stringify(responsesError(error, code)).slice(1, -1));
    const inResponse = JSON.stringify({ code, message: error.error.message });
    return opened + told + this.events.line('response.failed', `"response":${this.frame.json('failed', this.output, this.usageJson, inResponse)}`);
  }

  /** The response as it is at its end. */
  response(): string {
    if (!this.isCut) return this.frame.json('completed', this.output, this.usageJson);
    const why = this.reason === 'length' ? '{"reason":"max_output_tokens"}' : '{"reason":"content_filter"}';
    return this.frame.json('incomplete', this.output, this.usageJson, 'null', why);
  }

  private tell(event: Extract<NeutralEvent, { readonly choice: number }>): string {
    switch (event.kind) {
      case 'text': {
        if (event.text === '') return '';
        const { logprobs } = this;
        this.logprobs = [];
        const { opened, message } = this.speaking();
        return opened + message.text(event.text, logprobs) + this.citeWaiting(message);
      }
      case 'refusal': {
        if (event.text === '') return '';
        const { opened, message } = this.speaking();
        return opened + message.refusal(event.text);
      }
      case 'reasoning': {
        if (event.text === '') return '';
        const { opened, item } = this.thinking();
        return opened + item.think(event.text);
      }
      case 'reasoning_signature':
        return this.sealed(sealed({ kind: 'signature', value: event.signature }), true);
      case 'redacted_reasoning':
        return this.sealed(sealed({ kind: 'redacted', value: event.data }), false);
      case 'tool_call':
        return this.called(event);
      case 'tool_arguments':
        return this.calls.get(event.call)?.take(event.json) ?? '';
      case 'citation':
        if (this.current instanceof MessageItem) return this.current.cite(event.url, event.title);
        this.citations.push({ url: event.url, title: event.title });
        return '';
      case 'image':
        return this.made(event);
      case 'logprobs':
        // The wire tells them with a text, and the text they belong to may have been told.
        if (this.current instanceof MessageItem) return this.current.text('', event.content);
        this.logprobs.push(...event.content);
        return '';
      case 'finish':
        this.reason = event.reason;
        return this.closeAll();
    }
  }

  private speaking(): { readonly opened: string; readonly message: MessageItem } {
    if (this.current instanceof MessageItem) return { opened: '', message: this.current };
    const closed = this.closeSaid();
    const message = new MessageItem(this.events, this.items.length, this.idOf('msg'));
    this.items.push((this.current = message));
    return { opened: closed + message.open(), message };
  }

  private thinking(seal?: string): { readonly opened: string; readonly item: ReasoningItem } {
    if (this.current instanceof ReasoningItem) return { opened: '', item: this.current };
    const closed = this.closeSaid();
    const item = new ReasoningItem(this.events, this.items.length, this.idOf('rs'), seal);
    this.items.push((this.current = item));
    return { opened: closed + item.open(), item };
  }

  /** Ends a thought with its seal: the one that goes on, or one that consists of nothing else. */
  private sealed(seal: string, belongsToCurrent: boolean): string {
    const closed = belongsToCurrent ? '' : this.closeCurrent();
    const { opened, item } = this.thinking(seal);
    item.sealWith(seal);
    return closed + opened + this.closeCurrent();
  }

  private called({ call, id, name, signature }: Extract<NeutralEvent, { kind: 'tool_call' }>): string {
    const seal = signature === undefined ? '' : this.sealed(sealed({ kind: 'call', value: signature, callId: id }), true);
    const closed = seal + this.closeSaid();
    const tool = this.tools.find(name);
    const item = new CallItem(this.events, this.items.length, this.idOf(tool.kind === 'custom' ? 'ctc' : 'fc'), id, tool);
    this.items.push(item);
    this.calls.set(call, item);
    return closed + item.open();
  }

  private made(image: Extract<NeutralEvent, { kind: 'image' }>): string {
    const closed = this.closeSaid();
    const item = new ImageItem(this.events, this.items.length, this.idOf('ig'), image);
    this.items.push(item);
    return closed + item.tell();
  }

  private citeWaiting(message: MessageItem): string {
    if (this.citations.length === 0) return '';
    const waiting = this.citations;
    this.citations = [];
    return waiting.map(({ url, title }) => message.cite(url, title)).join('');
  }

  /** What has been said whole when another item begins: an item is done before the next is added, wherever the provider's order lets it be. */
  private closeSaid(): string {
    let closed = this.closeCurrent();
    for (const [number, item] of this.calls) {
      if (!item.isWhole) continue;
      closed += item.close('completed');
      this.calls.delete(number);
    }
    return closed;
  }

  private closeCurrent(): string {
    const closed = this.current?.close('completed') ?? '';
    this.current = undefined;
    return closed;
  }

  /** Where the answer was cut, what was open is incomplete. */
  private closeAll(): string {
    const status: ItemEnd = this.isCut ? 'incomplete' : 'completed';
    this.current = undefined;
    return this.items.map((item) => item.close(status)).join('');
  }

  private get isCut(): boolean {
    return this.reason === 'length' || this.reason === 'content_filter';
  }

  private get output(): string {
    return this.items.map(({ json }) => json).join(',');
  }

  private get usageJson(): string {
    return this.usage === undefined ? 'null' : JSON.stringify(responseUsage(this.usage));
  }

  private begin(providersId: string | undefined): string {
    if (this.begun !== undefined) return '';
    const ids = new ResponseIds(providersId ?? this.reply.id);
    const frame = new ResponseFrame(ids.response, this.reply, this.call);
    this.begun = { ids, frame };
    const response = `"response":${frame.json('in_progress', '', 'null')}`;
    return this.events.line('response.created', response) + this.events.line('response.in_progress', response);
  }

  private get frame(): ResponseFrame {
    this.begin(undefined);
    return (this.begun as { readonly frame: ResponseFrame }).frame;
  }

  private idOf(kind: 'msg' | 'rs' | 'fc' | 'ctc' | 'ig'): string {
    return (this.begun as { readonly ids: ResponseIds }).ids.item(kind, this.items.length);
  }
}
