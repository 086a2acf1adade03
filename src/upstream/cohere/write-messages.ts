import { GatewayError } from '../../contracts/gateway-error.js';
import type { FilePart, ImagePart, JsonObject, Media, NeutralRequest, Part, TextPart, ToolResultPart } from '../neutral/neutral-request.js';
import { thinks } from './cohere-model.js';

/** Instructions in one message; results of tools before what else the user said, pictures in a result right behind it; turns that say nothing are left out. */
export function writeMessages({ system, turns }: NeutralRequest, model: string): readonly JsonObject[] {
  const messages: JsonObject[] = [];
  if (system.length > 0) messages.push({ role: 'system', content: joined(system) });
  for (const { role, parts } of turns) messages.push(...(role === 'user' ? user(parts) : assistant(parts, thinks(model))));
  return messages;
}

function user(parts: readonly Part[]): JsonObject[] {
  const results = parts.filter((part) => part.kind === 'tool_result');
  const pictures = results.flatMap(({ content }) => content.filter((part) => part.kind !== 'text'));
  const said = [...pictures, ...parts.filter((part) => part.kind !== 'tool_result')].map(block);
  const messages = results.map(toolResult);
  const [only] = said;
  if (only !== undefined) messages.push({ role: 'user', content: said.length === 1 && only['type'] === 'text' ? only['text'] : said });
  return messages;
}

function toolResult({ callId, content }: ToolResultPart): JsonObject {
  return { role: 'tool', tool_call_id: callId, content: joined(content.filter((part) => part.kind === 'text')) };
}

/** Thoughts belong to the calls that came of them: a plan, or where the model thinks, a block. Of other turns they are not taken back. */
function assistant(parts: readonly Part[], asBlock: boolean): JsonObject[] {
  const text = parts.flatMap((part) => (part.kind === 'text' || part.kind === 'refusal' ? [part.text] : [])).join('');
  const calls = parts.filter((part) => part.kind === 'tool_call');
  if (text === '' && calls.length === 0) return [];
  const thoughts = calls.length === 0 ? '' : parts.flatMap((part) => (part.kind === 'reasoning' ? [part.text] : [])).join('');
  const thinking = thoughts !== '' && asBlock ? [{ type: 'thinking', thinking: thoughts }] : [];
  const content = thinking.length === 0 ? text : [...thinking, ...(text === '' ? [] : [{ type: 'text', text }])];
  return [
    {
      role: 'assistant',
      ...(content !== '' && { content }),
      ...(thoughts !== '' && !asBlock && { tool_plan: thoughts }),
      ...(calls.length > 0 && {
        tool_calls: calls.map(({ id, name, arguments: json }) => ({ id, type: 'function', function: { name, arguments: json } })),
      }),
    },
  ];
}

function joined(parts: readonly TextPart[]): string {
  return parts.map(({ text }) => text).join('\n\n');
}

function block(part: Part): JsonObject {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'image':
      return image(part);
    case 'file':
      return file(part);
    case 'audio':
      throw cannotHold('This model cannot hear: leave the audio out.');
    case 'reasoning':
    case 'tool_call':
    case 'tool_result':
      throw cannotHold('A message of the user holds what only an answer can.');
  }
}

function image({ media, detail }: ImagePart): JsonObject {
  return { type: 'image_url', image_url: { url: address(media), ...(detail !== undefined && { detail }) } };
}

function file({ media, name }: FilePart): JsonObject {
  if (!('base64' in media) || !/^(text\/|application\/json$)/.test(media.mime))
    throw cannotHold('This model reads no files but plain text: send what the document says as text.');
  const text = Buffer.from(media.base64, 'base64').toString('utf8');
  return { type: 'text', text: name === undefined ? text : `${name}\n${text}` };
}

function address(media: Media): string {
  if ('base64' in media) return `data:${media.mime};base64,${media.base64}`;
  if ('url' in media) return media.url;
  throw cannotHold('This model cannot read images of a file store: send the bytes of the image, or its address.');
}

function cannotHold(message: string): GatewayError {
  return new GatewayError('invalid_value', message, { param: 'messages' });
}
