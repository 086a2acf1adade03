import { saidArguments } from '../neutral/said-arguments.js';
import type { Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart, Turn } from '../neutral/neutral-request.js';
import type { RequestValue } from '../neutral/request-value.js';
import { readResponsesContent } from './read-responses-content.js';
import { unsealed } from './sealed-reasoning.js';
import { ToolNames } from './tool-names.js';

/**
 * `input`: a text, or items. What the assistant said, thought and called since the user's last word is one turn. Items that only a provider of
 * this wire can read (its other hosted tools' calls, compactions, kinds that are not known yet) are left out, and so is what answers them.
 */
export function readResponsesInput(input: RequestValue, instructions: RequestValue): { readonly system: TextPart[]; readonly turns: Turn[] } {
  const reading = new InputReading();
  const words = instructions.optionalText() ?? '';
  if (words !== '') reading.system.push({ kind: 'text', text: words });
  if (input.isText) reading.turns.push({ role: 'user', parts: [{ kind: 'text', text: input.word() }] });
  else if (!input.isList) input.wrong('a text or a list of items');
  else {
    const items = input.list();
    if (items.length === 0) input.refuse('send at least one item.');
    for (const item of items) reading.read(item);
  }
  // A turn that holds nothing but thoughts was broken off: no provider takes it, and it says nothing.
  return { system: reading.system, turns: reading.turns.filter(({ parts }) => parts.some(({ kind }) => kind !== 'reasoning')) };
}

class InputReading {
  readonly system: TextPart[] = [];
  readonly turns: Turn[] = [];
  /** The assistant's turn that goes on. */
  private said: Part[] | undefined;
  private readonly callIds = new Set<string>();
  private readonly unreadCallIds = new Set<unknown>();
  private readonly callMarks = new Map<string, string>();

  read(item: RequestValue): void {
    const type = item.member('type');
    switch (item.isObject ? (type.optionalText() ?? 'message') : item.wrong('an object')) {
      case 'message':
        return this.message(item);
      case 'reasoning':
        return this.reasoning(item);
      case 'function_call':
        return this.call(item, saidArguments(item.member('arguments').optionalText() ?? ''));
      case 'custom_tool_call':
        return this.call(item, JSON.stringify({ input: item.member('input').text() }), true);
      case 'function_call_output':
      case 'custom_tool_call_output':
        return this.result(item);
      case 'image_generation_call':
        return this.image(item);
      case 'item_reference':
        return this.reference(item);
    }
    const callId = item.member('call_id');
    if (callId.isText) this.unreadCallIds.add(callId.text());
  }

  /** Clients that take items for stored point at them: what was thought can be done without, what was said cannot. */
  private reference(item: RequestValue): void {
    if (item.member('id').optionalText()?.startsWith('rs_') === true) return;
    item.refuse('this gateway keeps no items: set store to false, so that your client sends the item itself.');
  }

  private message(item: RequestValue): void {
    const role = item.member('role');
    const content = item.member('content');
    switch (role.text()) {
      case 'system':
      case 'developer': {
        const parts = readResponsesContent(content);
        this.system.push(...(parts.every((part) => part.kind === 'text') ? parts : content.refuse('only texts can stand here.')));
        return;
      }
      case 'user':
        this.said = undefined;
        this.turns.push({ role: 'user', parts: readResponsesContent(content) });
        return;
      case 'assistant':
        this.assistant(...readResponsesContent(content));
        return;
    }
    role.refuse('a role is one of system, developer, user, assistant.');
  }

  private reasoning(item: RequestValue): void {
    const part = (text: string, signature?: string, redacted?: string): ReasoningPart => ({ kind: 'reasoning', text, signature, redacted });
    const text = textsOf(item.member('summary')) || textsOf(item.member('content'));
    const seal = unsealed(item.member('encrypted_content').optionalText() ?? '');
    switch (seal?.kind) {
      case 'signature':
        return this.assistant(part(text, seal.value));
      case 'redacted':
        return this.assistant(part('', undefined, seal.value));
      case 'call':
        this.callMarks.set(seal.callId, seal.value);
        break;
      case undefined:
        break;
    }
    if (text !== '') this.assistant(part(text));
  }

  /** Made by the model, or by a tool of its provider. One that was not finished says nothing. */
  private image(item: RequestValue): void {
    const base64 = item.member('result').optionalText() ?? '';
    if (base64 === '') return;
    const mime = `image/${item.member('output_format').optionalText() ?? 'png'}`;
    this.assistant({ kind: 'image', media: { base64, mime }, detail: undefined, isMade: true });
  }

  private call(item: RequestValue, json: string, isCustom = false): void {
    const id = item.member('call_id').word();
    this.callIds.add(id);
    const part: ToolCallPart = {
      kind: 'tool_call',
      id,
      name: ToolNames.flat(item.member('name').word(), item.member('namespace').optionalText()),
      arguments: json,
      signature: this.callMarks.get(id),
      ...(isCustom && { isCustom }),
    };
    this.assistant(part);
  }

  private result(item: RequestValue): void {
    const callId = item.member('call_id');
    const id = callId.word();
    if (this.unreadCallIds.has(id)) return;
    if (!this.callIds.has(id)) callId.refuse('no call with this call_id stands before it.');
    const output = item.member('output');
    const content = readResponsesContent(output).map((part): ToolResultPart['content'][number] => {
      switch (part.kind) {
        case 'text':
        case 'image':
        case 'file':
          return part;
        case 'audio':
        case 'refusal':
          return output.refuse('a result is text, images or files.');
      }
    });
    this.said = undefined;
    this.turns.push({ role: 'user', parts: [{ kind: 'tool_result', callId: id, content, isError: false }] });
  }

  private assistant(...parts: Part[]): void {
    if (this.said === undefined) this.turns.push({ role: 'assistant', parts: (this.said = []) });
    this.said.push(...parts);
  }
}

function textsOf(parts: RequestValue): string {
  return parts
    .optionalList()
    .map((part) => part.member('text').optionalText() ?? '')
    .join('\n\n');
}
