import type { Media, NeutralRequest, Part } from '../neutral/neutral-request.js';

/**
 * About how many tokens a prompt has, for an upstream that cannot count. The rule: a token for every 3.5 bytes of text (so that letters of other
 * scripts count for more), 4 for each message and 12 for each tool beside its text, 400 where there are tools at all, 1,600 for an image, 3,000 for
 * a document that is only an address, a token for every 25 bytes of any other and at least 1,500, 15 for each kilobyte of sound.
 */
export function estimateInputTokens(request: NeutralRequest): number {
  const { system, turns, tools, ownTools = [], format } = request;
  let tokens = format.kind === 'schema' ? ofText(JSON.stringify(format.schema)) : 0;
  for (const { text } of system) tokens += ofText(text);
  for (const { parts } of turns) tokens += parts.reduce((sum, part) => sum + ofPart(part), MESSAGE);
  for (const { name, description = '', parameters = {} } of tools) tokens += TOOL + ofText(name + description + JSON.stringify(parameters));
  for (const { tool } of ownTools) tokens += TOOL + ofText(JSON.stringify(tool));
  return Math.ceil(tokens + (tools.length + ownTools.length > 0 ? TOOLS : 0));
}

const BYTES_OF_TEXT = 3.5;
const MESSAGE = 4;
const TOOL = 12;
const TOOLS = 400;
const IMAGE = 1_600;
const DOCUMENT_MIN = 1_500;
const DOCUMENT_ELSEWHERE = 3_000;
const BYTES_OF_DOCUMENT = 25;
const SOUND_PER_BYTE = 15 / 1_024;

function ofText(text: string): number {
  return Buffer.byteLength(text) / BYTES_OF_TEXT;
}

function ofPart(part: Part): number {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return ofText(part.text);
    case 'image':
      return IMAGE;
    case 'file':
      return ofDocument(part.media);
    case 'audio':
      return bytesOf(part.base64) * SOUND_PER_BYTE;
    case 'reasoning':
      return ofText(part.redacted ?? part.text);
    case 'tool_call':
      return TOOL + ofText(part.name + part.arguments);
    case 'tool_result':
      return part.content.reduce((sum, inner) => sum + ofPart(inner), TOOL);
  }
}

function ofDocument(media: Media): number {
  if (!('base64' in media)) return DOCUMENT_ELSEWHERE;
  const bytes = bytesOf(media.base64);
  return media.mime.startsWith('text/') ? bytes / BYTES_OF_TEXT : Math.max(DOCUMENT_MIN, bytes / BYTES_OF_DOCUMENT);
}

function bytesOf(base64: string): number {
  return (base64.length * 3) / 4;
}
