import { GatewayError } from '../../contracts/gateway-error.js';
import type { Part, ReasoningPart, ToolCallPart, ToolResultPart, Turn } from '../neutral/neutral-request.js';
import { asObject, type JsonObject, parsedJson } from '../openai/json-value.js';
import { givenId } from './call-id.js';
import { modelGeneration } from './model-generation.js';
import { ownSignature } from './thought-signature.js';
import { writeMedia } from './write-media.js';
import { writeToolResult } from './write-tool-result.js';

/** The conversation: roles alternate, results of tools come first in their turn and in the order of their calls. */
export function writeContents(turns: readonly Turn[], model: string): JsonObject[] {
  return new Contents((modelGeneration(model) ?? 0) >= 3).of(turns);
}

interface Content {
  readonly role: 'user' | 'model';
  readonly results: { readonly order: number; readonly parts: JsonObject[] }[];
  readonly parts: JsonObject[];
}

class Contents {
  private readonly contents: Content[] = [];
  private readonly calls = new Map<string, { readonly name: string; readonly id: string | undefined; readonly order: number }>();
  /** Of a text that is still to come. */
  private textSignature: string | undefined;

  /** `isSigned`: the model insists on the signature of a call, and takes media inside of results. */
  constructor(private readonly isSigned: boolean) {}

  of(turns: readonly Turn[]): JsonObject[] {
    for (const turn of turns) {
      const content = this.content(turn.role === 'user' ? 'user' : 'model');
      for (const part of turn.parts) this.part(content, part);
      this.putTextSignature(content);
    }
    return this.contents
      .map(({ role, results, parts }) => ({
        role,
        parts: [...results.toSorted((a, b) => a.order - b.order).flatMap((result) => result.parts), ...parts],
      }))
      .filter(({ parts }) => parts.length > 0);
  }

  private content(role: Content['role']): Content {
    const last = this.contents.at(-1);
    if (last?.role === role) return last;
    const content: Content = { role, results: [], parts: [] };
    this.contents.push(content);
    return content;
  }

  private part(content: Content, part: Part): void {
    switch (part.kind) {
      case 'text':
      case 'refusal':
        return this.text(content, part.text);
      case 'image':
      case 'file':
        content.parts.push(writeMedia(part.media));
        return;
      case 'audio':
        content.parts.push({ inlineData: { mimeType: `audio/${part.format}`, data: part.base64 } });
        return;
      case 'reasoning':
        return this.reasoning(content, part);
      case 'tool_call':
        return this.call(content, part);
      case 'tool_result':
        return this.result(content, part);
    }
  }

  private text(content: Content, text: string): void {
    if (text === '') return;
    const thoughtSignature = this.textSignature;
    this.textSignature = undefined;
    content.parts.push({ text, ...(thoughtSignature !== undefined && { thoughtSignature }) });
  }

  /** What another provider signed or encrypted means nothing to Gemini; what can be read is told. */
  private reasoning(content: Content, { text, signature }: ReasoningPart): void {
    const own = ownSignature(signature);
    const thoughtSignature = own?.part === 'thought' ? own.signature : undefined;
    if (text !== '' || thoughtSignature !== undefined)
      content.parts.push({ text, thought: true, ...(thoughtSignature !== undefined && { thoughtSignature }) });
    if (own?.part === 'text') this.textSignature = own.signature;
  }

  /** Its text is gone, but the signature still counts. */
  private putTextSignature(content: Content): void {
    if (this.textSignature === undefined) return;
    content.parts.push({ text: '', thoughtSignature: this.textSignature });
    this.textSignature = undefined;
  }

  private call(content: Content, { id, name, arguments: json, signature }: ToolCallPart): void {
    const args = asObject(parsedJson(json.trim() === '' ? '{}' : json));
    if (args === undefined)
      throw new GatewayError('invalid_value', `The arguments of the tool call "${name}" are not the JSON text of an object.`, { param: 'messages' });
    const given = givenId(id);
    this.calls.set(id, { name, id: given, order: this.calls.size });
    const isFirst = !content.parts.some((part) => 'functionCall' in part);
    const thoughtSignature = signature ?? (isFirst && this.isSigned ? UNSIGNED : undefined);
    content.parts.push({
      functionCall: { name, args, ...(given !== undefined && { id: given }) },
      ...(thoughtSignature !== undefined && { thoughtSignature }),
    });
  }

  private result(content: Content, part: ToolResultPart): void {
    const call = this.calls.get(part.callId);
    if (call === undefined)
      throw new GatewayError('invalid_value', 'A tool result names a call (tool_call_id) that no message before it made.', { param: 'messages' });
    content.results.push({ order: call.order, parts: writeToolResult(part, call, this.isSigned) });
  }
}

/** Google's word for a call that Gemini did not make itself, so that a conversation can come from another model. */
const UNSIGNED = 'skip_thought_signature_validator';
