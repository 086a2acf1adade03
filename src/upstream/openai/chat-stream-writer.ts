import type { ErrorBody } from '../../contracts/gateway-error.js';
import { CustomInput } from '../neutral/custom-input.js';
import type { ReplyFrame, StreamWriter } from '../neutral/inbound-dialect.js';
import type { NeutralEvent, NeutralUsage } from '../neutral/neutral-event.js';
import { chatCitation } from './chat-citation.js';
import { chatFinish } from './chat-finish.js';
import { chatId } from './chat-id.js';
import { chatImage } from './chat-image.js';
import { chatUsage } from './chat-usage.js';

/**
 * Chunks of a `chat.completion.chunk` stream: the role first, a call's id and name once, usage in a chunk of its own and only where the
 * client asked for it, `[DONE]`. A choice's unsigned reasoning is remembered up to a limit, so that its signature comes with what it signs.
 * `customs`: the names of the client's custom tools, asked for when a tool is called.
 */
export class ChatStreamWriter implements StreamWriter {
  private readonly choices = new Map<number, Choice>();
  private id: string;
  private head: string;
  private readonly tail: string;
  private usage: NeutralUsage | undefined;
  private customNames: ReadonlySet<string> | undefined;

  constructor(
    private readonly reply: ReplyFrame,
    private readonly wantsUsage: boolean,
    private readonly isLegacy: boolean,
    private readonly customs: () => ReadonlySet<string>,
  ) {
    this.id = reply.id;
    this.head = this.headOf(reply.id);
    this.tail = wantsUsage ? ',"usage":null}\n\n' : '}\n\n';
  }

  write(event: NeutralEvent): string {
    switch (event.kind) {
      case 'alive':
      case 'failure':
        return '';
      case 'start':
        if (event.id !== undefined && this.choices.size === 0) this.head = this.headOf((this.id = event.id));
        return '';
      case 'text': {
        const { prefix, choice } = this.begun(event.choice, '""');
        choice.textLength += event.text.length;
        return prefix + this.chunk(event.choice, `"content":${JSON.stringify(event.text)}`);
      }
      case 'refusal':
        return this.begun(event.choice, '""').prefix + this.chunk(event.choice, `"refusal":${JSON.stringify(event.text)}`);
      case 'reasoning': {
        const { prefix, choice } = this.begun(event.choice, '""');
        if (choice.unsigned.length < UNSIGNED_MAX) choice.unsigned += event.text;
        return prefix + this.chunk(event.choice, `"reasoning_content":${JSON.stringify(event.text)}`);
      }
      case 'reasoning_signature': {
        const { prefix, choice } = this.begun(event.choice, '""');
        const block = { type: 'thinking', thinking: choice.unsigned, signature: event.signature };
        choice.unsigned = '';
        return prefix + this.chunk(event.choice, `"thinking_blocks":[${JSON.stringify(block)}]`);
      }
      case 'redacted_reasoning': {
        const block = { type: 'redacted_thinking', data: event.data };
        return this.begun(event.choice, '""').prefix + this.chunk(event.choice, `"thinking_blocks":[${JSON.stringify(block)}]`);
      }
      case 'tool_call': {
        const { prefix, choice } = this.begun(event.choice, 'null');
        choice.calledTools = true;
        if (!this.isLegacy && (this.customNames ??= this.customs()).has(event.name)) (choice.inputs ??= new Map()).set(event.call, new CustomInput());
        return prefix + this.chunk(event.choice, this.callBegins(event, choice));
      }
      case 'tool_arguments': {
        const input = this.choices.get(event.choice)?.inputs?.get(event.call);
        if (input !== undefined) return this.input(event.choice, event.call, input.take(event.json));
        const json = JSON.stringify(event.json);
        if (!this.isLegacy) return this.chunk(event.choice, `"tool_calls":[{"index":${event.call},"function":{"arguments":${json}}}]`);
        return event.call === 0 ? this.chunk(event.choice, `"function_call":{"arguments":${json}}`) : '';
      }
      case 'citation': {
        const { prefix, choice } = this.begun(event.choice, '""');
        return prefix + this.chunk(event.choice, `"annotations":[${JSON.stringify(chatCitation(choice.textLength, event))}]`);
      }
      case 'image': {
        const { prefix, choice } = this.begun(event.choice, '""');
        return prefix + this.chunk(event.choice, `"images":[${JSON.stringify(chatImage(choice.images++, event))}]`);
      }
      case 'logprobs': {
        const logprobs = JSON.stringify({ content: event.content, refusal: null });
        return this.begun(event.choice, '""').prefix + this.chunk(event.choice, '', 'null', logprobs);
      }
      case 'finish': {
        const { prefix, choice } = this.begun(event.choice, '""');
        const rest = [...(choice.inputs ?? [])].map(([call, input]) => this.input(event.choice, call, input.end())).join('');
        return prefix + rest + this.chunk(event.choice, '', JSON.stringify(chatFinish(event.reason, choice.calledTools, this.isLegacy)));
      }
      case 'usage':
        this.usage = event.usage;
        return '';
    }
  }

  end(): string {
    const usage = this.wantsUsage && this.usage !== undefined ? `${this.head}"choices":[],"usage":${JSON.stringify(chatUsage(this.usage))}}\n\n` : '';
    return `${usage}data: [DONE]\n\n`;
  }

  fail(error: ErrorBody): string {
    return `data: ${JSON.stringify(error)}\n\n`;
  }

  private headOf(id: string): string {
    const { createdAt, model } = this.reply;
    return `data: {"id":${JSON.stringify(chatId(id))},"object":"chat.completion.chunk","created":${createdAt},"model":${JSON.stringify(model)},`;
  }

  /** `prefix`: the chunk with the role, where nothing was written of this choice yet. `content`: JSON. */
  private begun(index: number, content: string): { readonly prefix: string; readonly choice: Choice } {
    const known = this.choices.get(index);
    if (known !== undefined) return { prefix: '', choice: known };
    const choice: Choice = { textLength: 0, unsigned: '', calledTools: false, inputs: undefined, images: 0 };
    this.choices.set(index, choice);
    return { prefix: this.chunk(index, `"role":"assistant","content":${content},"refusal":null`), choice };
  }

  /** All but the index is JSON. */
  private chunk(index: number, delta: string, finish = 'null', logprobs = 'null'): string {
    return `${this.head}"choices":[{"index":${index},"delta":{${delta}},"logprobs":${logprobs},"finish_reason":${finish}}]${this.tail}`;
  }

  private input(choice: number, call: number, text: string): string {
    return text === '' ? '' : this.chunk(choice, `"tool_calls":[{"index":${call},"custom":{"input":${JSON.stringify(text)}}}]`);
  }

  private callBegins({ call, id, name, signature }: Extract<NeutralEvent, { kind: 'tool_call' }>, { inputs }: Choice): string {
    const called = `{"name":${JSON.stringify(name)},"arguments":""}`;
    // The elder dialect knows one call.
    if (this.isLegacy) return call === 0 ? `"function_call":${called}` : '';
    const extra = signature === undefined ? '' : `,"extra_content":{"google":{"thought_signature":${JSON.stringify(signature)}}}`;
    const said =
      inputs?.has(call) === true ? `"type":"custom","custom":{"name":${JSON.stringify(name)},"input":""}` : `"type":"function","function":${called}`;
    return `"tool_calls":[{"index":${call},"id":${JSON.stringify(id)},${said}${extra}}]`;
  }
}

interface Choice {
  textLength: number;
  unsigned: string;
  calledTools: boolean;
  /** Of calls of custom tools. */
  inputs: Map<number, CustomInput> | undefined;
  images: number;
}

/** Characters. Longer reasoning is told whole, but its signature comes without the end of it. */
const UNSIGNED_MAX = 1024 * 1024;
