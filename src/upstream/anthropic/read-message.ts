import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { AnthropicUsage } from './anthropic-usage.js';
import { blockCitation } from './block-citation.js';
import { JSON_TOOL } from './json-tool.js';
import { messagesFailure } from './messages-failure.js';
import { finishOf } from './stop-reason.js';

/** A whole message as events. Blocks of tools that the provider runs itself are not told: their results are in the text. */
export function readMessage(body: Buffer, upstream: UpstreamSettings | undefined): readonly NeutralEvent[] {
  const message = asObject(parsedJson(body.toString('utf8')));
  if (message === undefined) return [invalid('The upstream answered with a body that is no JSON object.')];
  if (message['type'] === 'error' || message['error'] !== undefined) return [{ kind: 'failure', failure: messagesFailure(message, upstream) }];
  const blocks = asArray(message['content']);
  if (blocks === undefined) return [invalid('The upstream answered without the "content" that an answer has.')];
  const events: NeutralEvent[] = [{ kind: 'start', id: asText(message['id']) }];
  let calls = 0;
  for (const item of blocks) {
    const block = asObject(item);
    if (block === undefined) continue;
    if (block['type'] !== 'tool_use') readBlock(block, events);
    else if (block['name'] === JSON_TOOL) events.push({ kind: 'text', choice: 0, text: input(block) });
    // A call of nothing is none.
    else if (asText(block['name']) !== undefined) readCall(block, calls++, events);
  }
  const usage = new AnthropicUsage();
  usage.take(message['usage']);
  if (usage.event !== undefined) events.push(usage.event);
  const reason = finishOf(message['stop_reason']);
  events.push({
    kind: 'finish',
    choice: 0,
    reason: reason === 'tool_calls' && calls === 0 ? 'stop' : reason,
    stopSequence: asText(message['stop_sequence']),
  });
  return events;
}

function invalid(message: string): NeutralEvent {
  return { kind: 'failure', failure: new UpstreamFailure('invalid', message) };
}

function readBlock(block: JsonObject, events: NeutralEvent[]): void {
  switch (block['type']) {
    case 'text': {
      const text = asText(block['text']);
      if (text !== undefined) events.push({ kind: 'text', choice: 0, text });
      events.push(...(asArray(block['citations']) ?? []).map(blockCitation).filter((citation) => citation !== undefined));
      return;
    }
    case 'thinking': {
      const text = asText(block['thinking']);
      const signature = asText(block['signature']);
      if (text !== undefined) events.push({ kind: 'reasoning', choice: 0, text });
      if (signature !== undefined) events.push({ kind: 'reasoning_signature', choice: 0, signature });
      return;
    }
    case 'redacted_thinking': {
      const data = asText(block['data']);
      if (data !== undefined) events.push({ kind: 'redacted_reasoning', choice: 0, data });
      return;
    }
  }
}

function readCall(block: JsonObject, call: number, events: NeutralEvent[]): void {
  events.push({
    kind: 'tool_call',
    choice: 0,
    call,
    id: asText(block['id']) ?? `toolu_${call}`,
    name: asText(block['name']) ?? '',
    signature: undefined,
  });
  events.push({ kind: 'tool_arguments', choice: 0, call, json: input(block) });
}

function input(block: JsonObject): string {
  return JSON.stringify(asObject(block['input']) ?? {});
}
