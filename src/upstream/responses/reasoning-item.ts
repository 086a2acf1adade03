import type { EventLines } from './event-lines.js';
import type { ItemEnd, OutputItem } from './output-item.js';

/** What the model thought, told as a summary of one part: the form that clients of this wire show and hand back. */
export class ReasoningItem implements OutputItem {
  private text = '';
  private hasPart = false;
  private isOpen = true;
  private readonly place: string;
  private readonly part: string;

  /** `seal`: its `encrypted_content`. */
  constructor(
    private readonly events: EventLines,
    private readonly outputIndex: number,
    private readonly id: string,
    private seal: string | undefined,
  ) {
    this.place = `"item_id":${JSON.stringify(id)},"output_index":${outputIndex}`;
    this.part = `${this.place},"summary_index":0`;
  }

  open(): string {
    return this.events.line('response.output_item.added', `"output_index":${this.outputIndex},"item":${this.json}`);
  }

  think(text: string): string {
    const opened = this.hasPart ? '' : this.events.line('response.reasoning_summary_part.added', `${this.part},"part":${partJson('')}`);
    this.hasPart = true;
    this.text += text;
    return opened + this.events.line('response.reasoning_summary_text.delta', `${this.part},"delta":${JSON.stringify(text)}`);
  }

  sealWith(seal: string): void {
    this.seal = seal;
  }

  close(_status: ItemEnd): string {
    if (!this.isOpen) return '';
    this.isOpen = false;
    let told = '';
    if (this.hasPart) {
      told += this.events.line('response.reasoning_summary_text.done', `${this.part},"text":${JSON.stringify(this.text)}`);
      told += this.events.line('response.reasoning_summary_part.done', `${this.part},"part":${partJson(this.text)}`);
    }
    return told + this.events.line('response.output_item.done', `"output_index":${this.outputIndex},"item":${this.json}`);
  }

  get json(): string {
    const seal = this.seal === undefined ? '' : `,"encrypted_content":${JSON.stringify(this.seal)}`;
    return `{"id":${JSON.stringify(this.id)},"type":"reasoning","summary":[${this.hasPart ? partJson(this.text) : ''}]${seal}}`;
  }
}

function partJson(text: string): string {
  return `{"type":"summary_text","text":${JSON.stringify(text)}}`;
}
