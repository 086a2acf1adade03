import type { NeutralEvent } from '../neutral/neutral-event.js';

/** What a block consists of. */
export type BlockEvent = Extract<
  NeutralEvent,
  {
    readonly kind: 'text' | 'refusal' | 'reasoning' | 'reasoning_signature' | 'redacted_reasoning' | 'tool_call' | 'tool_arguments' | 'citation';
  }
>;

/**
 * What an upstream tells while the block before it is still open: put together by what it belongs to, each call by itself and what is said between
 * them, in the order in which they began. Holds a bounded amount; once that is passed, nothing is held any more.
 */
export class HeldBlocks {
  private blocks: HeldBlock[] = [];
  /** How many of them have gone, never more than remain. */
  private gone = 0;
  private readonly calls = new Map<number, HeldBlock>();
  private size = 0;

  get isEmpty(): boolean {
    return this.blocks.length === 0;
  }

  get isOverfull(): boolean {
    return this.size > SIZE_MAX;
  }

  take(event: BlockEvent): void {
    if (this.isOverfull) return;
    const block = this.blockOf(event);
    // Of a call that is over, nothing more is told.
    if (block === undefined) return;
    this.size += block.add(event);
    if (this.isOverfull) this.blocks = [];
  }

  /** The events of the block whose turn it is. */
  next(): readonly BlockEvent[] {
    const block = this.blocks[this.gone];
    if (block === undefined) return [];
    this.gone += 1;
    if (this.gone * 2 >= this.blocks.length) {
      this.blocks = this.blocks.slice(this.gone);
      this.gone = 0;
    }
    const [first] = block.events;
    if (first?.kind === 'tool_call') this.calls.delete(first.call);
    this.size -= block.size;
    return block.events;
  }

  private blockOf(event: BlockEvent): HeldBlock | undefined {
    if (event.kind === 'tool_arguments') return this.calls.get(event.call);
    const last = this.blocks.at(-1);
    if (event.kind !== 'tool_call' && last?.isCall === false) return last;
    const block = new HeldBlock(event.kind === 'tool_call');
    this.blocks.push(block);
    if (event.kind === 'tool_call') this.calls.set(event.call, block);
    return block;
  }
}

class HeldBlock {
  readonly events: BlockEvent[] = [];
  size = 0;

  constructor(readonly isCall: boolean) {}

  /** Pieces of one text are one text. Returns by how much there is more now. */
  add(event: BlockEvent): number {
    const { events } = this;
    const last = events.at(-1);
    const more = EVENT_SIZE + sizeOf(event);
    this.size += more;
    if (last?.kind === 'tool_arguments' && event.kind === 'tool_arguments') events[events.length - 1] = { ...last, json: last.json + event.json };
    else if ((last?.kind === 'text' || last?.kind === 'reasoning') && event.kind === last.kind)
      events[events.length - 1] = { ...last, text: last.text + event.text };
    else events.push(event);
    return more;
  }
}

/** Characters, as much as is held of one event of a stream elsewhere; and what each event costs beside them. */
const SIZE_MAX = 1024 * 1024;
const EVENT_SIZE = 16;

function sizeOf(event: BlockEvent): number {
  switch (event.kind) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return event.text.length;
    case 'reasoning_signature':
      return event.signature.length;
    case 'redacted_reasoning':
      return event.data.length;
    case 'tool_call':
      return event.id.length + event.name.length + (event.signature?.length ?? 0);
    case 'tool_arguments':
      return event.json.length;
    case 'citation':
      return event.url.length + event.title.length + (event.quote?.length ?? 0);
  }
}
