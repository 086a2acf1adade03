import type { ErrorBody } from '../../contracts/gateway-error.js';
import type { TokenUsage } from '../../contracts/token-usage.js';
import type { StreamProgress, StreamTranslator } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { ClientNames } from './client-names.js';
import type { StreamWriter } from './inbound-dialect.js';
import type { NeutralEvent } from './neutral-event.js';
import type { StreamReader } from './outbound-dialect.js';
import { tokenUsage } from './token-usage.js';

const NOTHING = Buffer.alloc(0);

/** A stream read in one dialect and written in another; judges from the events alone how far it has come and whether it was complete. */
export class TranslatedStream implements StreamTranslator {
  progress: StreamProgress = 'silent';
  failure: UpstreamFailure | undefined;
  usage: TokenUsage | undefined;
  deltas = 0;
  private readonly unfinished = new Set<number>();

  constructor(
    private readonly reader: StreamReader,
    private readonly writer: StreamWriter,
    private readonly names: ClientNames,
  ) {}

  get dropped(): number {
    return this.reader.dropped;
  }

  write(chunk: Buffer): Buffer {
    const text = this.take(this.reader.read(chunk));
    return text === '' ? NOTHING : Buffer.from(text);
  }

  end(): Buffer {
    let text = this.take(this.reader.end());
    if (this.failure !== undefined) return Buffer.from(text);
    if (this.progress !== 'finished') this.failure = this.broken('The upstream ended its stream before its answer was complete.');
    else {
      text += this.writer.end();
      this.progress = 'done';
    }
    return Buffer.from(text);
  }

  farewell(error: ErrorBody): Buffer {
    return Buffer.from(this.writer.fail(error));
  }

  private take(events: readonly NeutralEvent[]): string {
    let text = '';
    for (const event of events) {
      if (this.failure !== undefined) break;
      this.follow(event);
      if (this.failure === undefined) text += this.writer.write(this.names.told(event));
    }
    this.failure ??= this.writer.failure;
    return text;
  }

  private follow(event: NeutralEvent): void {
    switch (event.kind) {
      case 'failure':
        this.failure = this.hasContent ? this.broken(event.failure.message, event.failure) : event.failure;
        return;
      case 'alive':
      case 'start':
      case 'reasoning_signature':
      case 'citation':
      case 'logprobs':
        if (this.progress === 'silent') this.progress = 'alive';
        return;
      case 'usage':
        this.usage = tokenUsage(event.usage);
        if (this.progress === 'silent') this.progress = 'alive';
        return;
      case 'text':
      case 'refusal':
      case 'reasoning':
      case 'redacted_reasoning':
      case 'image':
      case 'tool_call':
      case 'tool_arguments':
        this.deltas += 1;
        this.unfinished.add(event.choice);
        this.progress = 'content';
        return;
      case 'finish':
        this.unfinished.delete(event.choice);
        if (this.unfinished.size === 0) this.progress = 'finished';
        return;
    }
  }

  private get hasContent(): boolean {
    return this.progress === 'content' || this.progress === 'finished';
  }

  private broken(message: string, cause?: UpstreamFailure): UpstreamFailure {
    return new UpstreamFailure(this.hasContent ? 'interrupted' : 'invalid', message, cause === undefined ? {} : { cause });
  }
}
