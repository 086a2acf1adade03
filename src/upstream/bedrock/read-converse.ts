import { JSON_TOOL } from '../anthropic/json-tool.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';
import { converseCitation } from './converse-citation.js';
import { isServerTool, stopSequence } from './converse-events.js';
import { converseUsage } from './converse-usage.js';
import { finishOf, malformed } from './stop-reason.js';

/** A whole answer of Converse as events; undefined: it is none. Tools that the provider runs itself are not told: their results are in the text. */
export function readConverse(answer: JsonObject): readonly NeutralEvent[] | undefined {
  const message = asObject(asObject(answer['output'])?.['message']);
  if (message === undefined) return undefined;
  const events: NeutralEvent[] = [{ kind: 'start', id: undefined }];
  let calls = 0;
  for (const item of asArray(message['content']) ?? []) {
    const block = asObject(item);
    if (block === undefined) continue;
    const use = asObject(block['toolUse']);
    if (use === undefined) readBlock(block, events);
    else if (use['name'] === JSON_TOOL) text(JSON.stringify(use['input'] ?? {}), events);
    // A call of nothing is none.
    else if (!isServerTool(use) && asText(use['name']) !== undefined) readCall(use, calls++, events);
  }
  const failed = malformed(answer['stopReason'], events.length > 1);
  if (failed !== undefined) return [failed];
  const usage = converseUsage(answer['usage']);
  if (usage !== undefined) events.push(usage);
  const reason = finishOf(answer['stopReason']);
  events.push({
    kind: 'finish',
    choice: 0,
    reason: reason === 'tool_calls' && calls === 0 ? 'stop' : reason,
    stopSequence: stopSequence(answer),
  });
  return events;
}

function readBlock(block: JsonObject, events: NeutralEvent[]): void {
  text(block['text'], events);
  const reasoning = asObject(block['reasoningContent']);
  if (reasoning !== undefined) readReasoning(reasoning, events);
  const cited = asObject(block['citationsContent']);
  for (const content of asArray(cited?.['content']) ?? []) text(asObject(content)?.['text'], events);
  events.push(...(asArray(cited?.['citations']) ?? []).map(converseCitation).filter((citation) => citation !== undefined));
}

function readReasoning(reasoning: JsonObject, events: NeutralEvent[]): void {
  const thought = asObject(reasoning['reasoningText']);
  const words = asText(thought?.['text']);
  const signature = asText(thought?.['signature']);
  const data = asText(reasoning['redactedContent']);
  if (words !== undefined) events.push({ kind: 'reasoning', choice: 0, text: words });
  if (signature !== undefined) events.push({ kind: 'reasoning_signature', choice: 0, signature });
  if (data !== undefined) events.push({ kind: 'redacted_reasoning', choice: 0, data });
}

function readCall(use: JsonObject, call: number, events: NeutralEvent[]): void {
  const id = asText(use['toolUseId']) ?? `tooluse_${call}`;
  events.push({ kind: 'tool_call', choice: 0, call, id, name: asText(use['name']) ?? '', signature: undefined });
  events.push({ kind: 'tool_arguments', choice: 0, call, json: JSON.stringify(asObject(use['input']) ?? {}) });
}

function text(value: unknown, events: NeutralEvent[]): void {
  const words = asText(value);
  if (words !== undefined) events.push({ kind: 'text', choice: 0, text: words });
}
