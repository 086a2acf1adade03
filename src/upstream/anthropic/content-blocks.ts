import { GatewayError } from '../../contracts/gateway-error.js';
import type { FilePart, ImagePart, JsonObject, Media, Part, ToolCallPart, ToolResultPart } from '../neutral/neutral-request.js';
import { isMarked } from '../neutral/marked-signature.js';
import { parsedJson } from '../openai/json-value.js';
import { cacheControl } from './cache-control.js';

/** A part as a block; undefined for what says nothing here: empty text, thoughts that another provider had. */
export function contentBlock(part: Part): JsonObject | undefined {
  switch (part.kind) {
    case 'text':
      return part.text === '' ? undefined : { type: 'text', text: part.text, ...cacheControl(part.cache) };
    case 'refusal':
      return part.text === '' ? undefined : { type: 'text', text: part.text };
    case 'image':
      return { type: 'image', source: source(part.media), ...cacheControl(part.cache) };
    case 'file':
      return document(part);
    case 'audio':
      throw new GatewayError('invalid_value', 'This model cannot hear: audio in messages is not taken.', { param: 'messages' });
    case 'reasoning':
      if (part.redacted !== undefined) return isMarked(part.redacted) ? undefined : { type: 'redacted_thinking', data: part.redacted };
      if (part.signature === undefined || isMarked(part.signature)) return undefined;
      return { type: 'thinking', thinking: part.text, signature: part.signature };
    case 'tool_call':
      return toolUse(part);
    case 'tool_result':
      return toolResult(part);
  }
}

/** Ids that this wire refuses are written in letters that it takes; a call and its result the same way. */
function toolId(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}

function toolUse(part: ToolCallPart): JsonObject {
  return { type: 'tool_use', id: toolId(part.id), name: part.name, input: parsedJson(part.arguments) ?? {}, ...cacheControl(part.cache) };
}

function toolResult({ callId, content, isError, cache }: ToolResultPart): JsonObject {
  const blocks = content.map(contentBlock).filter((block) => block !== undefined);
  const [only] = content;
  const isPlain = content.length === 1 && only?.kind === 'text' && only.cache === undefined;
  return {
    type: 'tool_result',
    tool_use_id: toolId(callId),
    ...(blocks.length > 0 && { content: isPlain ? only.text : blocks }),
    ...(isError && { is_error: true }),
    ...cacheControl(cache),
  };
}

function document(part: ImagePart | FilePart): JsonObject {
  const { media, cache } = part;
  const title = part.kind === 'file' && part.name !== undefined ? { title: part.name } : {};
  if (!('base64' in media)) return { type: 'document', source: source(media), ...title, ...cacheControl(cache) };
  if (media.mime.startsWith('image/')) return { type: 'image', source: source(media), ...cacheControl(cache) };
  if (media.mime === 'application/pdf') return { type: 'document', source: source(media), ...title, ...cacheControl(cache) };
  if (!/^text\/|^application\/(json|xml|yaml|x-yaml)$/.test(media.mime))
    throw new GatewayError('invalid_value', `This model reads PDF, text and images; a file of the type ${media.mime} is not taken.`, {
      param: 'messages',
    });
  const data = Buffer.from(media.base64, 'base64').toString('utf8');
  return { type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...title, ...cacheControl(cache) };
}

function source(media: Media): JsonObject {
  if ('base64' in media) return { type: 'base64', media_type: media.mime, data: media.base64 };
  return 'url' in media ? { type: 'url', url: media.url } : { type: 'file', file_id: media.fileId };
}
