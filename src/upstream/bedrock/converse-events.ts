import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { JSON_TOOL } from '../anthropic/json-tool.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asObject, asText, type JsonObject } from '../openai/json-value.js';
import { bedrockFailure } from './bedrock-failure.js';
import { converseCitation } from './converse-citation.js';
import { converseUsage } from './converse-usage.js';
import type { FrameMeaning } from './event-stream-reader.js';
import { finishOf, malformed } from './stop-reason.js';

/**
 * What the events of ConverseStream mean. Blocks of text and of thoughts have no beginning of their own; tools of the provider's own are not
 * told; padding (`p`) and traces of guardrails say nothing. Usage comes after the end of the answer.
 */
export class ConverseEvents implements FrameMeaning {
  /** Blocks that had a beginning, by their number among blocks of every kind. */
  private readonly open = new Map<unknown, Block>();
  private calls = 0;
  private hasContent = false;
  private hasFinished = false;

  constructor(private readonly upstream: Pick<UpstreamSettings, 'apiKey'>) {}

  event(type: string, data: JsonObject, events: NeutralEvent[]): void {
    switch (type) {
      case 'messageStart':
        events.push({ kind: 'start', id: undefined });
        return;
      case 'contentBlockStart':
        return this.begin(data['contentBlockIndex'], asObject(data['start']), events);
      case 'contentBlockDelta':
        return this.delta(data['contentBlockIndex'], asObject(data['delta']), events);
      case 'contentBlockStop':
        return this.close(data['contentBlockIndex'], events);
      case 'messageStop':
        return this.finish(data, events);
      case 'metadata': {
        const usage = converseUsage(data['usage']);
        if (usage !== undefined) events.push(usage);
        return;
      }
    }
    // Kinds that are yet to come say nothing.
  }

  exception(type: string, data: JsonObject, events: NeutralEvent[]): void {
    const body = Buffer.from(JSON.stringify(data));
    events.push({ kind: 'failure', failure: bedrockFailure(this.upstream, { type, status: undefined, value: data, body, retryAfterMs: undefined }) });
  }

  private begin(index: unknown, start: JsonObject | undefined, events: NeutralEvent[]): void {
    if (start === undefined || this.open.size >= OPEN_BLOCKS_MAX) return;
    const use = asObject(start['toolUse']);
    const name = asText(use?.['name']);
    // A call of nothing is none.
    if (use === undefined || name === undefined || isServerTool(use)) return void this.open.set(index, { kind: 'untold' });
    if (name === JSON_TOOL) return void this.open.set(index, { kind: 'json', isTold: false });
    const call = this.calls++;
    this.hasContent = true;
    this.open.set(index, { kind: 'call', call, isTold: false });
    const id = asText(use['toolUseId']) ?? `tooluse_${call}`;
    events.push({ kind: 'tool_call', choice: 0, call, id, name, signature: undefined });
  }

  private delta(index: unknown, delta: JsonObject | undefined, events: NeutralEvent[]): void {
    const block = this.open.get(index);
    if (delta === undefined || block?.kind === 'untold') return;
    this.hasContent = true;
    const text = asText(delta['text']);
    if (text !== undefined) events.push({ kind: 'text', choice: 0, text });
    const reasoning = asObject(delta['reasoningContent']);
    if (reasoning !== undefined) this.reasoning(reasoning, events);
    const citation = converseCitation(delta['citation']);
    if (citation !== undefined) events.push(citation);
    const json = asText(asObject(delta['toolUse'])?.['input']);
    if (json === undefined || block === undefined) return;
    block.isTold = true;
    events.push(argument(block, json));
  }

  private reasoning(delta: JsonObject, events: NeutralEvent[]): void {
    const text = asText(delta['text']);
    const signature = asText(delta['signature']);
    const data = asText(delta['redactedContent']);
    if (text !== undefined) events.push({ kind: 'reasoning', choice: 0, text });
    if (signature !== undefined) events.push({ kind: 'reasoning_signature', choice: 0, signature });
    if (data !== undefined) events.push({ kind: 'redacted_reasoning', choice: 0, data });
  }

  /** A call whose arguments never came has none. */
  private close(index: unknown, events: NeutralEvent[]): void {
    const block = this.open.get(index);
    this.open.delete(index);
    if (block !== undefined && block.kind !== 'untold' && !block.isTold) events.push(argument(block, '{}'));
  }

  private finish(data: JsonObject, events: NeutralEvent[]): void {
    if (this.hasFinished) return;
    this.hasFinished = true;
    for (const index of this.open.keys()) this.close(index, events);
    const failed = malformed(data['stopReason'], this.hasContent);
    if (failed !== undefined) return void events.push(failed);
    const reason = finishOf(data['stopReason']);
    events.push({
      kind: 'finish',
      choice: 0,
      reason: reason === 'tool_calls' && this.calls === 0 ? 'stop' : reason,
      stopSequence: stopSequence(data),
    });
  }
}

/** Asked for by its path in what the model's own API answers. */
export function stopSequence(data: JsonObject): string | undefined {
  return asText(asObject(data['additionalModelResponseFields'])?.['stop_sequence']);
}

export function isServerTool(use: JsonObject): boolean {
  return use['type'] === 'server_tool_use';
}

type Block =
  { readonly kind: 'untold' } | { readonly kind: 'json'; isTold: boolean } | { readonly kind: 'call'; readonly call: number; isTold: boolean };

/** Far more than a model leaves open at a time. */
const OPEN_BLOCKS_MAX = 256;

function argument(block: Exclude<Block, { kind: 'untold' }>, json: string): NeutralEvent {
  return block.kind === 'json' ? { kind: 'text', choice: 0, text: json } : { kind: 'tool_arguments', choice: 0, call: block.call, json };
}
