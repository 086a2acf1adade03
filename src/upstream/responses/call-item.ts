import { CustomInput } from '../neutral/custom-input.js';
import { WholeValue } from '../neutral/whole-value.js';
import type { EventLines } from './event-lines.js';
import type { ItemEnd, OutputItem } from './output-item.js';
import type { ClientTool } from './tool-names.js';

/** A call of a tool, in the form in which the client gave the tool. */
export class CallItem implements OutputItem {
  private status: 'in_progress' | ItemEnd = 'in_progress';
  private arguments = '';
  private readonly value = new WholeValue();
  private readonly input: CustomInput | undefined;
  private readonly place: string;

  constructor(
    private readonly events: EventLines,
    private readonly outputIndex: number,
    private readonly id: string,
    private readonly callId: string,
    private readonly tool: ClientTool,
  ) {
    this.place = `"item_id":${JSON.stringify(id)},"output_index":${outputIndex}`;
    this.input = tool.kind === 'custom' ? new CustomInput() : undefined;
  }

  open(): string {
    return this.events.line('response.output_item.added', `"output_index":${this.outputIndex},"item":${this.json}`);
  }

  take(json: string): string {
    if (this.status !== 'in_progress') return '';
    this.arguments += json;
    this.value.take(json);
    return this.delta(this.input === undefined ? json : this.input.take(json));
  }

  /** It is open still, though nothing more of it can come. */
  get isWhole(): boolean {
    return this.status === 'in_progress' && this.value.isWhole;
  }

  close(status: ItemEnd): string {
    if (this.status !== 'in_progress') return '';
    const rest = this.input === undefined ? (this.arguments === '' ? this.take('{}') : '') : this.delta(this.input.end());
    this.status = status;
    const done =
      this.input === undefined
        ? this.events.line('response.function_call_arguments.done', `${this.place},"arguments":${JSON.stringify(this.arguments)}`)
        : this.events.line('response.custom_tool_call_input.done', `${this.place},"input":${JSON.stringify(this.input.text)}`);
    return rest + done + this.events.line('response.output_item.done', `"output_index":${this.outputIndex},"item":${this.json}`);
  }

  get json(): string {
    const { name, namespace } = this.tool;
    const said = this.input === undefined ? { arguments: this.arguments } : { input: this.input.text };
    return JSON.stringify({
      id: this.id,
      type: this.input === undefined ? 'function_call' : 'custom_tool_call',
      status: this.status,
      call_id: this.callId,
      name,
      ...(namespace !== undefined && { namespace }),
      ...said,
    });
  }

  private delta(stretch: string): string {
    if (stretch === '') return '';
    const type = this.input === undefined ? 'response.function_call_arguments.delta' : 'response.custom_tool_call_input.delta';
    return this.events.line(type, `${this.place},"delta":${JSON.stringify(stretch)}`);
  }
}
