import type { ReplyFrame } from '../neutral/inbound-dialect.js';
import type { FinishReason, NeutralEvent, NeutralUsage } from '../neutral/neutral-event.js';
import { asObject, parsedJson } from '../openai/json-value.js';
import { messageId } from './message-id.js';
import { messagesCitation } from './messages-citation.js';
import { messagesStop } from './messages-stop.js';
import { messagesUsage } from './messages-usage.js';
import { signedCallId } from '../neutral/signed-call-id.js';

/** A `message` of all that was told. This wire knows one answer to a request: the first. */
export function messagesAnswer(events: readonly NeutralEvent[], reply: ReplyFrame): Buffer {
  const blocks: Block[] = [];
  let reason: FinishReason = 'stop';
  let stopSequence: string | undefined;
  let usage: NeutralUsage = { input: 0, output: 0, cached: 0, cacheWritten: 0, reasoning: 0 };
  for (const event of events) {
    if (event.kind === 'usage') usage = event.usage;
    else if ('choice' in event && event.choice === 0) {
      if (event.kind === 'finish') ({ reason, stopSequence } = event);
      else gather(blocks, event);
    }
  }
  const body = {
    id: messageId(reply.id),
    type: 'message',
    role: 'assistant',
    model: reply.model,
    content: blocks.map(written),
    stop_reason: messagesStop(
      reason,
      blocks.some(({ type }) => type === 'tool_use'),
    ),
    stop_sequence: stopSequence ?? null,
    usage: messagesUsage(usage),
  };
  return Buffer.from(JSON.stringify(body));
}

type Block =
  | { readonly type: 'text'; text: string; readonly citations: object[] }
  | { readonly type: 'thinking'; thinking: string; signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'tool_use'; readonly call: number; readonly id: string; readonly name: string; json: string };

function gather(blocks: Block[], event: Exclude<Extract<NeutralEvent, { readonly choice: number }>, { kind: 'finish' }>): void {
  switch (event.kind) {
    case 'text':
    case 'refusal':
      textOf(blocks).text += event.text;
      return;
    case 'citation':
      textOf(blocks).citations.push(messagesCitation(event));
      return;
    case 'reasoning':
      thinkingOf(blocks).thinking += event.text;
      return;
    case 'reasoning_signature':
      thinkingOf(blocks).signature = event.signature;
      return;
    case 'redacted_reasoning':
      blocks.push({ type: 'redacted_thinking', data: event.data });
      return;
    case 'tool_call':
      blocks.push({ type: 'tool_use', call: event.call, id: signedCallId(event.id, event.signature), name: event.name, json: '' });
      return;
    case 'tool_arguments': {
      const block = blocks.findLast((one) => one.type === 'tool_use' && one.call === event.call);
      if (block?.type === 'tool_use') block.json += event.json;
      return;
    }
    case 'logprobs':
    // An answer of this wire holds no images.
    case 'image':
      return;
  }
}

function textOf(blocks: Block[]): Extract<Block, { type: 'text' }> {
  const last = blocks.at(-1);
  if (last?.type === 'text') return last;
  const block: Extract<Block, { type: 'text' }> = { type: 'text', text: '', citations: [] };
  blocks.push(block);
  return block;
}

/** A signature ends its block. */
function thinkingOf(blocks: Block[]): Extract<Block, { type: 'thinking' }> {
  const last = blocks.at(-1);
  if (last?.type === 'thinking' && last.signature === '') return last;
  const block: Extract<Block, { type: 'thinking' }> = { type: 'thinking', thinking: '', signature: '' };
  blocks.push(block);
  return block;
}

function written(block: Block): object {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text, ...(block.citations.length > 0 && { citations: block.citations }) };
    case 'thinking':
    case 'redacted_thinking':
      return block;
    case 'tool_use':
      // What is no object is shown to the tool as it came: the model can then mend it.
      return { type: 'tool_use', id: block.id, name: block.name, input: asObject(parsedJson(block.json || '{}')) ?? { arguments: block.json } };
  }
}
