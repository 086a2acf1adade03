import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asObject, asText, type JsonObject } from '../openai/json-value.js';
import type { EventMeaning } from '../sse-json-reader.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { AnthropicUsage } from './anthropic-usage.js';
import { blockCitation } from './block-citation.js';
import { JSON_TOOL } from './json-tool.js';
import { messagesFailure } from './messages-failure.js';
import { finishOf } from './stop-reason.js';

/** What the events of one message's stream mean. Remembers its open blocks: deltas name them by a number that counts blocks of every kind. */
export class MessageEvents implements EventMeaning {
  private readonly open = new Map<unknown, Block>();
  private readonly usage = new AnthropicUsage();
  private calls = 0;
  private hasStarted = false;
  private id: string | undefined;
  private hasBlocks = false;
  private hasFinished = false;

  constructor(private readonly upstream: UpstreamSettings | undefined) {}

  event(data: JsonObject, name: string, events: NeutralEvent[]): void {
    switch (asText(data['type']) ?? name) {
      case 'message_start':
        return this.start(asObject(data['message']), events);
      case 'content_block_start':
        return this.begin(data['index'], asObject(data['content_block']), events);
      case 'content_block_delta':
        return this.delta(data['index'], asObject(data['delta']), events);
      case 'content_block_stop':
        return this.close(data['index'], events);
      case 'message_delta':
        return this.finish(asObject(data['delta']), data['usage'], events);
      case 'error':
        events.push({ kind: 'failure', failure: messagesFailure(data, this.upstream) });
        return;
    }
    // Some who speak this dialect report errors in OpenAI's shape. Pings and kinds that are yet to come say nothing.
    if (asObject(data['error']) !== undefined) events.push({ kind: 'failure', failure: messagesFailure(data, this.upstream) });
  }

  done(): void {}

  end(): void {}

  private start(message: JsonObject | undefined, events: NeutralEvent[]): void {
    const id = asText(message?.['id']);
    if (!this.hasStarted) events.push({ kind: 'start', id });
    else if (id !== this.id && this.hasBlocks) {
      const failure = new UpstreamFailure('invalid', 'The upstream began another answer in the middle of one.');
      events.push({ kind: 'failure', failure });
      return;
    }
    this.hasStarted = true;
    this.id = id;
    this.tellUsage(message?.['usage'], events);
  }

  private tellUsage(usage: unknown, events: NeutralEvent[]): void {
    if (asObject(usage) === undefined) return;
    this.usage.take(usage);
    const { event } = this.usage;
    if (event !== undefined) events.push(event);
  }

  private begin(index: unknown, block: JsonObject | undefined, events: NeutralEvent[]): void {
    if (block === undefined || this.open.size >= OPEN_BLOCKS_MAX) return;
    this.hasBlocks = true;
    switch (block['type']) {
      case 'text':
        this.open.set(index, { kind: 'told' });
        this.text(block['text'], events);
        return;
      case 'thinking':
        this.open.set(index, { kind: 'told' });
        this.reasoning(block['thinking'], events);
        this.signature(block['signature'], events);
        return;
      case 'redacted_thinking': {
        const data = asText(block['data']);
        if (data !== undefined) events.push({ kind: 'redacted_reasoning', choice: 0, data });
        return;
      }
      case 'tool_use': {
        const whole = asObject(block['input']) ?? {};
        const input = Object.keys(whole).length === 0 ? '{}' : JSON.stringify(whole);
        if (block['name'] === JSON_TOOL) return void this.open.set(index, { kind: 'json', input, isTold: false });
        const name = asText(block['name']);
        // A call of nothing is none.
        if (name === undefined) return;
        const call = this.calls++;
        this.open.set(index, { kind: 'call', call, input, isTold: false });
        const id = asText(block['id']) ?? `toolu_${call}`;
        events.push({ kind: 'tool_call', choice: 0, call, id, name, signature: undefined });
      }
    }
  }

  private delta(index: unknown, delta: JsonObject | undefined, events: NeutralEvent[]): void {
    const block = this.open.get(index);
    if (block === undefined || delta === undefined) return;
    switch (delta['type']) {
      case 'text_delta':
        return this.text(delta['text'], events);
      case 'thinking_delta':
        return this.reasoning(delta['thinking'], events);
      case 'signature_delta':
        return this.signature(delta['signature'], events);
      case 'citations_delta': {
        const citation = blockCitation(delta['citation']);
        if (citation !== undefined) events.push(citation);
        return;
      }
      case 'input_json_delta': {
        const json = asText(delta['partial_json']);
        if (json === undefined || block.kind === 'told') return;
        block.isTold = true;
        events.push(argument(block, json));
      }
    }
  }

  /** Arguments that did not come in pieces came at the beginning, or there are none. */
  private close(index: unknown, events: NeutralEvent[]): void {
    const block = this.open.get(index);
    this.open.delete(index);
    if (block !== undefined && block.kind !== 'told' && !block.isTold) events.push(argument(block, block.input));
  }

  private finish(delta: JsonObject | undefined, usage: unknown, events: NeutralEvent[]): void {
    this.tellUsage(usage, events);
    const reason = asText(delta?.['stop_reason']);
    if (reason === undefined || this.hasFinished) return;
    this.hasFinished = true;
    for (const index of this.open.keys()) this.close(index, events);
    const finish = finishOf(reason);
    events.push({
      kind: 'finish',
      choice: 0,
      reason: finish === 'tool_calls' && this.calls === 0 ? 'stop' : finish,
      stopSequence: asText(delta?.['stop_sequence']),
    });
  }

  private text(value: unknown, events: NeutralEvent[]): void {
    const text = asText(value);
    if (text !== undefined) events.push({ kind: 'text', choice: 0, text });
  }

  private reasoning(value: unknown, events: NeutralEvent[]): void {
    const text = asText(value);
    if (text !== undefined) events.push({ kind: 'reasoning', choice: 0, text });
  }

  private signature(value: unknown, events: NeutralEvent[]): void {
    const signature = asText(value);
    if (signature !== undefined) events.push({ kind: 'reasoning_signature', choice: 0, signature });
  }
}

type Block =
  | { readonly kind: 'told' }
  | { readonly kind: 'json'; readonly input: string; isTold: boolean }
  | { readonly kind: 'call'; readonly call: number; readonly input: string; isTold: boolean };

/** Far more than a model leaves open at a time. */
const OPEN_BLOCKS_MAX = 256;

function argument(block: Exclude<Block, { kind: 'told' }>, json: string): NeutralEvent {
  return block.kind === 'json' ? { kind: 'text', choice: 0, text: json } : { kind: 'tool_arguments', choice: 0, call: block.call, json };
}
