import type { EventLines } from './event-lines.js';
import type { ItemEnd, OutputItem } from './output-item.js';

/** What the model says: texts and refusals, each stretch of one kind a part. */
export class MessageItem implements OutputItem {
  private status: 'in_progress' | ItemEnd = 'in_progress';
  private readonly parts: Part[] = [];
  private readonly place: string;

  constructor(
    private readonly events: EventLines,
    private readonly outputIndex: number,
    private readonly id: string,
  ) {
    this.place = `"item_id":${JSON.stringify(id)},"output_index":${outputIndex},"content_index":`;
  }

  open(): string {
    return this.events.line('response.output_item.added', `"output_index":${this.outputIndex},"item":${this.json}`);
  }

  /** `logprobs`: of this text. */
  text(text: string, logprobs: readonly unknown[] = NONE): string {
    const opened = this.begun('output_text');
    const part = this.last as Part;
    part.text += text;
    part.logprobs.push(...logprobs);
    const told = logprobs.length === 0 ? '[]' : JSON.stringify(logprobs);
    return opened + this.events.line('response.output_text.delta', `${part.place},"delta":${JSON.stringify(text)},"logprobs":${told}`);
  }

  refusal(text: string): string {
    const opened = this.begun('refusal');
    const part = this.last as Part;
    part.text += text;
    return opened + this.events.line('response.refusal.delta', `${part.place},"delta":${JSON.stringify(text)}`);
  }

  cite(url: string, title: string): string {
    const opened = this.begun('output_text');
    const part = this.last as Part;
    // What it covers is not known: it stands where the text has come to.
    const at = part.text.length;
    const annotation = { type: 'url_citation', url, title, start_index: at, end_index: at };
    part.annotations.push(annotation);
    const told = `${part.place},"annotation_index":${part.annotations.length - 1},"annotation":${JSON.stringify(annotation)}`;
    return opened + this.events.line('response.output_text.annotation.added', told);
  }

  close(status: ItemEnd): string {
    if (this.status !== 'in_progress') return '';
    const closed = this.closePart();
    this.status = status;
    return closed + this.events.line('response.output_item.done', `"output_index":${this.outputIndex},"item":${this.json}`);
  }

  get json(): string {
    const content = this.parts.map(partJson).join(',');
    return `{"id":${JSON.stringify(this.id)},"type":"message","status":"${this.status}","role":"assistant","content":[${content}]}`;
  }

  private get last(): Part | undefined {
    return this.parts.at(-1);
  }

  private begun(kind: Part['kind']): string {
    if (this.last?.kind === kind) return '';
    const closed = this.closePart();
    const part: Part = { kind, place: this.place + this.parts.length, text: '', annotations: [], logprobs: [] };
    this.parts.push(part);
    return closed + this.events.line('response.content_part.added', `${part.place},"part":${partJson(part)}`);
  }

  private closePart(): string {
    const part = this.last;
    if (part === undefined) return '';
    const text = JSON.stringify(part.text);
    const done =
      part.kind === 'refusal'
        ? this.events.line('response.refusal.done', `${part.place},"refusal":${text}`)
        : this.events.line('response.output_text.done', `${part.place},"text":${text},"logprobs":${JSON.stringify(part.logprobs)}`);
    return done + this.events.line('response.content_part.done', `${part.place},"part":${partJson(part)}`);
  }
}

interface Part {
  readonly kind: 'output_text' | 'refusal';
  /** The members that say where it is. */
  readonly place: string;
  text: string;
  readonly annotations: object[];
  readonly logprobs: unknown[];
}

const NONE: readonly unknown[] = [];

function partJson({ kind, text, annotations, logprobs }: Part): string {
  return JSON.stringify(kind === 'refusal' ? { type: kind, refusal: text } : { type: kind, text, annotations, logprobs });
}
