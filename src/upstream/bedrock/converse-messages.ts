import { GatewayError } from '../../contracts/gateway-error.js';
import { isMadeImage } from '../neutral/is-made-image.js';
import { isMarked } from '../neutral/marked-signature.js';
import type { JsonObject, NeutralRequest, Part, ToolResultPart, Turn } from '../neutral/neutral-request.js';
import { parsedJson } from '../openai/json-value.js';
import type { BedrockModel } from './bedrock-model.js';
import { cachePoint } from './cache-point.js';
import { toolUseId } from './tool-use-id.js';
import { writeDocument, writeImage } from './write-media.js';

interface Message {
  readonly role: Turn['role'];
  readonly content: JsonObject[];
}

/** Turns as messages whose roles alternate: neighbours of one role are one message, in which results of tools come first. Empty ones are left out. */
export function converseMessages({ turns }: NeutralRequest, { caches, family }: BedrockModel): readonly Message[] {
  const names = new Set<string>();
  const merged: { readonly role: Turn['role']; readonly groups: Group[] }[] = [];
  for (const { role, parts } of turns) {
    const groups = parts.map((part) => group(part, caches !== 'nothing', names)).filter(({ blocks }) => blocks.length > 0);
    const last = merged.at(-1);
    if (last?.role === role) last.groups.push(...groups);
    else if (groups.length > 0) merged.push({ role, groups });
  }
  const messages = merged.map(({ role, groups }): Message => {
    // The sort keeps the order of equals, and a mark with what it marks.
    if (role === 'user') groups.sort((a, b) => Number(b.isResult) - Number(a.isResult));
    return { role, content: groups.flatMap(({ blocks }) => blocks) };
  });
  if (messages.length === 0)
    throw new GatewayError('invalid_value', 'This model needs a message of the user beside the instructions.', { param: 'messages' });
  if (family === 'claude') trimPrefill(messages.at(-1));
  return messages.filter(({ content }) => content.length > 0);
}

/** What becomes of one part. */
interface Group {
  readonly blocks: readonly JsonObject[];
  readonly isResult: boolean;
}

function group(part: Part, isCached: boolean, names: Set<string>): Group {
  const block = contentBlock(part, names);
  if (block === undefined) return { blocks: [], isResult: false };
  const mark = 'cache' in part ? part.cache : undefined;
  return { blocks: [block, ...cachePoint(mark, isCached)], isResult: part.kind === 'tool_result' };
}

/** undefined for what says nothing here: blank text, which is refused, and thoughts that came without a signature or with another provider's. */
function contentBlock(part: Part, names: Set<string>): JsonObject | undefined {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return part.text.trim() === '' ? undefined : { text: part.text };
    case 'image':
      return isMadeImage(part) ? undefined : writeImage(part);
    case 'file':
      return writeDocument(part, names);
    case 'audio':
      throw new GatewayError('invalid_value', 'This model cannot hear: audio in messages is not taken.', { param: 'messages' });
    case 'reasoning':
      if (part.redacted !== undefined) return isMarked(part.redacted) ? undefined : { reasoningContent: { redactedContent: part.redacted } };
      if (part.signature === undefined || isMarked(part.signature)) return undefined;
      return { reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } };
    case 'tool_call':
      return { toolUse: { toolUseId: toolUseId(part.id), name: part.name, input: parsedJson(part.arguments) ?? {} } };
    case 'tool_result':
      return toolResult(part, names);
  }
}

function toolResult({ callId, content, isError }: ToolResultPart, names: Set<string>): JsonObject {
  const blocks = content.map((part) => contentBlock(part, names)).filter((block) => block !== undefined);
  return { toolResult: { toolUseId: toolUseId(callId), content: blocks, ...(isError && { status: 'error' }) } };
}

/** An answer that the model is to go on with must not end in white space. */
function trimPrefill(last: Message | undefined): void {
  const text = last?.role === 'assistant' ? last.content.at(-1)?.['text'] : undefined;
  if (typeof text === 'string') last?.content.splice(-1, 1, { text: text.trimEnd() });
}
