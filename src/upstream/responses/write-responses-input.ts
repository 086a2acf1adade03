import { createHash } from 'node:crypto';
import { isMadeImage } from '../neutral/is-made-image.js';
import type { Part, ReasoningPart, TextPart, ToolResultPart, Turn } from '../neutral/neutral-request.js';
import { asObject, parsedJson } from '../openai/json-value.js';
import { encryptedOf } from './encrypted-signature.js';
import { writeResponsesContent } from './write-responses-content.js';

/** `input`: instructions first, then each turn as the items it consists of, in order. */
export function writeResponsesInput(system: readonly TextPart[], turns: readonly Turn[]): object[] {
  const items: object[] = [];
  /** Ids of calls of custom tools: their results are of another kind. */
  const customIds = new Set<string>();
  if (system.length > 0) items.push({ role: 'system', content: system.map(writeResponsesContent) });
  for (const turn of turns) {
    let content: object[] = [];
    const message = (): void => {
      if (content.length > 0) items.push({ role: turn.role, content });
      content = [];
    };
    for (const part of turn.parts) {
      const said = spoken(part, turn.role);
      if (said !== undefined) {
        content.push(said);
        continue;
      }
      const item = ownItem(part, customIds);
      if (item === undefined) continue;
      message();
      items.push(item);
    }
    message();
  }
  return items;
}

/** undefined for a part that is an item by itself. */
function spoken(part: Part, role: Turn['role']): object | undefined {
  switch (part.kind) {
    case 'text':
      return role === 'assistant' ? { type: 'output_text', text: part.text } : writeResponsesContent(part);
    case 'image':
      return isMadeImage(part) ? undefined : writeResponsesContent(part);
    case 'file':
    case 'audio':
      return writeResponsesContent(part);
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'reasoning':
    case 'tool_call':
    case 'tool_result':
      return undefined;
  }
}

function ownItem(part: Part, customIds: Set<string>): object | undefined {
  switch (part.kind) {
    case 'reasoning':
      return reasoning(part);
    case 'tool_call':
      if (part.isCustom !== true) return { type: 'function_call', call_id: callId(part.id), name: part.name, arguments: part.arguments };
      customIds.add(part.id);
      return { type: 'custom_tool_call', call_id: callId(part.id), name: part.name, input: inputOf(part.arguments) };
    case 'tool_result': {
      const type = customIds.has(part.callId) ? 'custom_tool_call_output' : 'function_call_output';
      return { type, call_id: callId(part.callId), output: output(part) };
    }
    case 'text':
    case 'image':
    case 'file':
    case 'audio':
    case 'refusal':
      return undefined;
  }
}

/** Only what this provider encrypted itself: it takes back no thoughts of others. */
function reasoning({ text, signature, redacted }: ReasoningPart): object | undefined {
  const encrypted = encryptedOf(redacted ?? signature);
  if (encrypted === undefined) return undefined;
  return { type: 'reasoning', summary: text === '' ? [] : [{ type: 'summary_text', text }], encrypted_content: encrypted };
}

function inputOf(json: string): string {
  const input = asObject(parsedJson(json))?.['input'];
  return typeof input === 'string' ? input : json;
}

function output({ content }: ToolResultPart): string | object[] {
  return content.every((part) => part.kind === 'text') ? content.map(({ text }) => text).join('') : content.map(writeResponsesContent);
}

/** 64 characters are taken; other providers make longer ids. */
function callId(id: string): string {
  return id.length <= 64 ? id : `call_${createHash('sha256').update(id).digest('hex').slice(0, 40)}`;
}
