import type { ErrorBody } from '../../contracts/gateway-error.js';
import type { ReplyFrame, StreamWriter } from '../neutral/inbound-dialect.js';
import type { NeutralEvent, NeutralUsage } from '../neutral/neutral-event.js';
import { chatUsage } from './chat-usage.js';
import { completionFinish } from './completion-finish.js';
import { completionId } from './completion-id.js';
import { completionLogprobs } from './completion-logprobs.js';

/** Chunks of a `text_completion` stream: text, a finish for each choice, usage in a chunk of its own and only where the client asked for it, `[DONE]`. */
export class CompletionsStreamWriter implements StreamWriter {
  private head: string;
  private readonly tail: string;
  private hasBegun = false;
  private usage: NeutralUsage | undefined;
  /** By choice: where the next token stands. */
  private readonly offsets = new Map<number, number>();

  /** `promptLength`: in characters. */
  constructor(
    private readonly reply: ReplyFrame,
    private readonly wantsUsage: boolean,
    private readonly promptLength: number,
  ) {
    this.head = headOf(reply, reply.id);
    this.tail = wantsUsage ? ',"usage":null}\n\n' : '}\n\n';
  }

  write(event: NeutralEvent): string {
    switch (event.kind) {
      case 'alive':
      case 'failure':
      // Of thoughts, sources, images and calls nothing can be said here.
      case 'reasoning':
      case 'reasoning_signature':
      case 'redacted_reasoning':
      case 'tool_call':
      case 'tool_arguments':
      case 'citation':
      case 'image':
        return '';
      case 'start':
        if (event.id !== undefined && !this.hasBegun) this.head = headOf(this.reply, event.id);
        return '';
      case 'text':
      case 'refusal':
        return this.chunk(event.choice, JSON.stringify(event.text));
      case 'logprobs': {
        const { logprobs, to } = completionLogprobs(event.content, this.offsets.get(event.choice) ?? this.promptLength);
        this.offsets.set(event.choice, to);
        return this.chunk(event.choice, '""', 'null', JSON.stringify(logprobs));
      }
      case 'finish':
        return this.chunk(event.choice, '""', JSON.stringify(completionFinish(event.reason)));
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

  /** All but the index is JSON. */
  private chunk(index: number, text: string, finish = 'null', logprobs = 'null'): string {
    this.hasBegun = true;
    return `${this.head}"choices":[{"text":${text},"index":${index},"logprobs":${logprobs},"finish_reason":${finish}}]${this.tail}`;
  }
}

function headOf({ createdAt, model }: ReplyFrame, id: string): string {
  return `data: {"id":${JSON.stringify(completionId(id))},"object":"text_completion","created":${createdAt},"model":${JSON.stringify(model)},`;
}
