import { isMadeImage } from '../neutral/is-made-image.js';
import type { JsonObject, Part, Turn } from '../neutral/neutral-request.js';
import { contentBlock } from './content-blocks.js';

interface Message {
  readonly role: Turn['role'];
  readonly content: JsonObject[];
}

/** Turns as messages whose roles alternate: neighbours of one role are one message, in which results of tools come first. Empty ones are left out. */
export function writeTurns(turns: readonly Turn[]): readonly Message[] {
  const messages: Message[] = [];
  for (const { role, parts } of turns) {
    const blocks = parts.map((part: Part) => (isMadeImage(part) ? undefined : contentBlock(part))).filter((block) => block !== undefined);
    if (blocks.length === 0) continue;
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else messages.push({ role, content: blocks });
  }
  for (const message of messages) if (message.role === 'user') message.content.sort((a, b) => rank(a) - rank(b));
  trimPrefill(messages.at(-1));
  return messages;
}

/** The sort keeps the order of equals. */
function rank(block: JsonObject): number {
  return block['type'] === 'tool_result' ? 0 : 1;
}

/** An answer that the model is to go on with must not end in white space. */
function trimPrefill(last: Message | undefined): void {
  const block = last?.role === 'assistant' ? last.content.at(-1) : undefined;
  const text = block?.['text'];
  if (typeof text === 'string') last?.content.splice(-1, 1, ...(text.trimEnd() === '' ? [] : [{ ...block, text: text.trimEnd() }]));
}
