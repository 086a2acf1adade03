import type { FinishReason, NeutralEvent } from '../neutral/neutral-event.js';
import { FINISH_WORDS } from './finish-words.js';
import { asArray, asObject, asText, type JsonObject } from './json-value.js';

/**
 * Reads one choice's messages or deltas, whichever provider wrote them: calls with and without an index, whole or in pieces, thoughts under
 * all the names they have. A whole message is one delta. Remembers of each call only its number.
 */
export class ChatChoiceReader {
  private hasFinished = false;
  /** By the provider's index. */
  private readonly calls = new Map<number, Call>();
  private nextIndex = 0;
  private readonly cited = new Set<string>();

  constructor(
    private readonly choice: number,
    private readonly replyId: () => string,
  ) {}

  get isFinished(): boolean {
    return this.hasFinished;
  }

  /** `delta`: or a message. */
  delta(delta: JsonObject, events: NeutralEvent[]): void {
    const { choice } = this;
    this.thoughts(delta, events);
    const { content } = delta;
    if (typeof content === 'string') this.text(content, events);
    // Cloudflare's models answer with the very object that a schema asked for.
    else if (asObject(content) !== undefined) this.text(JSON.stringify(content), events);
    else for (const part of asArray(content) ?? []) this.part(asObject(part), events);
    const refusal = asText(delta['refusal']);
    if (refusal !== undefined) events.push({ kind: 'refusal', choice, text: refusal });
    for (const item of asArray(delta['images']) ?? []) this.image(asObject(asObject(item)?.['image_url']), events);
    for (const item of asArray(delta['tool_calls']) ?? []) {
      const call = asObject(item);
      if (call !== undefined) this.call(call, this.indexOf(call), events);
    }
    const legacy = asObject(delta['function_call']);
    if (legacy !== undefined) this.call({ function: legacy }, 0, events);
    for (const annotation of asArray(delta['annotations']) ?? []) this.citation(asObject(asObject(annotation)?.['url_citation']), events);
  }

  /** Whether it had not come to its end after all: a call follows. */
  goesOn(delta: JsonObject | undefined): boolean {
    this.hasFinished = (asArray(delta?.['tool_calls']) ?? []).length === 0;
    return !this.hasFinished;
  }

  logprobs(value: unknown, events: NeutralEvent[]): void {
    const content = asArray(asObject(value)?.['content']);
    if (content !== undefined && content.length > 0) events.push({ kind: 'logprobs', choice: this.choice, content });
  }

  citation(source: JsonObject | undefined, events: NeutralEvent[]): void {
    const url = asText(source?.['url']);
    if (url === undefined || this.cited.has(url) || this.cited.size >= CITATIONS_MAX) return;
    this.cited.add(url);
    events.push({ kind: 'citation', choice: this.choice, url, title: asText(source?.['title']) ?? url, quote: undefined });
  }

  /** Some say it twice. */
  finish(reason: unknown, stopReason: unknown, events: NeutralEvent[]): void {
    if (this.hasFinished) return;
    this.hasFinished = true;
    for (const call of this.calls.values()) {
      if (!call.hasArguments) events.push(this.argument(call, '{}'));
      call.hasArguments = true;
    }
    const finish = finishOf(reason, this.calls.size > 0);
    const stopSequence = finish === 'stop' ? asText(stopReason) : undefined;
    events.push({ kind: 'finish', choice: this.choice, reason: stopSequence === undefined ? finish : 'stop_sequence', stopSequence });
  }

  private text(text: string, events: NeutralEvent[]): void {
    if (text !== '') events.push({ kind: 'text', choice: this.choice, text });
  }

  private image(source: JsonObject | undefined, events: NeutralEvent[]): void {
    const [, mime, base64] = /^data:([^;,]+);base64,(.+)$/s.exec(asText(source?.['url']) ?? '') ?? [];
    if (mime !== undefined && base64 !== undefined) events.push({ kind: 'image', choice: this.choice, mime, base64 });
  }

  private reasoning(value: unknown, events: NeutralEvent[]): void {
    const text = asText(value);
    if (text !== undefined) events.push({ kind: 'reasoning', choice: this.choice, text });
  }

  /** Content may be a list of parts, thoughts among them. */
  private part(part: JsonObject | undefined, events: NeutralEvent[]): void {
    switch (part?.['type']) {
      case 'text':
        return this.text(asText(part['text']) ?? '', events);
      case 'thinking':
        for (const inner of asArray(part['thinking']) ?? [{ text: part['thinking'] }]) this.reasoning(asObject(inner)?.['text'], events);
        return;
      case 'reasoning':
        this.reasoning(part['text'], events);
        for (const inner of asArray(part['summary']) ?? []) this.reasoning(asObject(inner)?.['text'], events);
    }
  }

  private thoughts(delta: JsonObject, events: NeutralEvent[]): void {
    const blocks = [...(asArray(delta['reasoning_details']) ?? []), ...(asArray(delta['thinking_blocks']) ?? [])].map(asObject);
    const plain = asText(delta['reasoning_content']) ?? asText(delta['reasoning']);
    this.reasoning(plain, events);
    for (const block of blocks) {
      const type = block?.['type'];
      if (plain === undefined && (type === 'reasoning.text' || type === 'thinking')) this.reasoning(block?.['text'] ?? block?.['thinking'], events);
      if (plain === undefined && type === 'reasoning.summary') this.reasoning(block?.['summary'], events);
      const signature = asText(block?.['signature']);
      const data = asText(block?.['data']);
      if (signature !== undefined) events.push({ kind: 'reasoning_signature', choice: this.choice, signature });
      if (data !== undefined && (type === 'reasoning.encrypted' || type === 'redacted_thinking'))
        events.push({ kind: 'redacted_reasoning', choice: this.choice, data });
    }
  }

  /** A call without an index begins with its id; what has none of either goes on with the last. */
  private indexOf(call: JsonObject): number {
    const given = call['index'];
    if (typeof given === 'number') {
      // Some number every whole call 0: another id is another call.
      const known = this.calls.get(given);
      const id = asText(call['id']);
      if (known === undefined || id === undefined || id === known.id) {
        this.nextIndex = Math.max(this.nextIndex, given + 1);
        return given;
      }
    }
    const begins = asText(call['id']) !== undefined || this.nextIndex === 0 || asText(asObject(call['function'])?.['name']) !== undefined;
    if (begins) this.nextIndex += 1;
    return this.nextIndex - 1;
  }

  private call(call: JsonObject, index: number, events: NeutralEvent[]): void {
    const called = asObject(call['function']);
    const known = this.calls.get(index) ?? this.begin(call, called, index, events);
    if (known === undefined) return;
    const given = called?.['arguments'];
    const json = typeof given === 'string' ? given : asObject(given) === undefined ? '' : JSON.stringify(given);
    if (json === '') return;
    // A tool without parameters is called with `null` by some.
    events.push(this.argument(known, !known.hasArguments && json.trim() === 'null' ? '{}' : json));
    known.hasArguments = true;
  }

  private begin(call: JsonObject, called: JsonObject | undefined, index: number, events: NeutralEvent[]): Call | undefined {
    const name = asText(called?.['name']);
    if (name === undefined || this.calls.size >= CALLS_MAX) return undefined;
    const number = this.calls.size;
    const id = asText(call['id']) ?? `call_${this.replyId()}_${this.choice}_${number}`;
    const signature = asText(asObject(asObject(call['extra_content'])?.['google'])?.['thought_signature']);
    const begun: Call = { number, id, hasArguments: false };
    this.calls.set(index, begun);
    events.push({ kind: 'tool_call', choice: this.choice, call: number, id, name, signature });
    return begun;
  }

  private argument({ number }: Call, json: string): NeutralEvent {
    return { kind: 'tool_arguments', choice: this.choice, call: number, json };
  }
}

interface Call {
  readonly number: number;
  readonly id: string;
  hasArguments: boolean;
}

const CITATIONS_MAX = 256;
const CALLS_MAX = 1_024;

function finishOf(reason: unknown, calledTools: boolean): FinishReason {
  const word = FINISH_WORDS.get(reason) ?? reason;
  if (word === 'length' || word === 'content_filter') return word;
  return calledTools ? 'tool_calls' : 'stop';
}
