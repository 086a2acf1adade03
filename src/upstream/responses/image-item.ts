import type { EventLines } from './event-lines.js';
import type { OutputItem } from './output-item.js';

/** An image that the model made, in the form of the hosted tool that makes images at OpenAI. It comes whole. */
export class ImageItem implements OutputItem {
  private isDone = false;

  constructor(
    private readonly events: EventLines,
    private readonly outputIndex: number,
    private readonly id: string,
    private readonly image: { readonly mime: string; readonly base64: string },
  ) {}

  tell(): string {
    const place = `"item_id":${JSON.stringify(this.id)},"output_index":${this.outputIndex}`;
    const added = this.events.line('response.output_item.added', `"output_index":${this.outputIndex},"item":${this.json}`);
    const begun = this.events.line('response.image_generation_call.in_progress', place);
    this.isDone = true;
    const completed = this.events.line('response.image_generation_call.completed', place);
    return added + begun + completed + this.events.line('response.output_item.done', `"output_index":${this.outputIndex},"item":${this.json}`);
  }

  close(): string {
    return '';
  }

  get json(): string {
    const { mime, base64 } = this.image;
    const made = this.isDone
      ? { status: 'completed', output_format: mime.replace('image/', ''), result: base64 }
      : { status: 'in_progress', result: null };
    return JSON.stringify({ id: this.id, type: 'image_generation_call', ...made });
  }
}
