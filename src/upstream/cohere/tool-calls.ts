import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asObject, asText, type JsonObject } from '../openai/json-value.js';

/** The calls of one reply by Cohere's index. Remembers of each only its number. */
export class ToolCalls {
  count = 0;
  private readonly open = new Map<number, { readonly number: number; hasArguments: boolean }>();

  /** `call`: OpenAI's shape, whole or only begun. */
  begin(index: number, call: JsonObject | undefined, replyId: string | undefined, events: NeutralEvent[]): void {
    const called = asObject(call?.['function']);
    const name = asText(called?.['name']);
    if (name === undefined || this.count >= CALLS_MAX) return;
    this.close(index, events);
    const number = this.count++;
    this.open.set(index, { number, hasArguments: false });
    const id = asText(call?.['id']) ?? `call_${replyId ?? ''}_${number}`;
    events.push({ kind: 'tool_call', choice: 0, call: number, id, name, signature: undefined });
    this.argue(index, call, events);
  }

  argue(index: number, call: JsonObject | undefined, events: NeutralEvent[]): void {
    const known = this.open.get(index);
    const given = asObject(call?.['function'])?.['arguments'];
    const json = typeof given === 'string' ? given : asObject(given) === undefined ? '' : JSON.stringify(given);
    // A tool without parameters may be called with `null`.
    if (known === undefined || json === '' || (!known.hasArguments && json.trim() === 'null')) return;
    known.hasArguments = true;
    events.push({ kind: 'tool_arguments', choice: 0, call: known.number, json });
  }

  /** undefined: all of them. */
  close(index: number | undefined, events: NeutralEvent[]): void {
    for (const [at, { number, hasArguments }] of this.open) {
      if (index !== undefined && at !== index) continue;
      if (!hasArguments) events.push({ kind: 'tool_arguments', choice: 0, call: number, json: '{}' });
      this.open.delete(at);
    }
  }
}

const CALLS_MAX = 1_024;
