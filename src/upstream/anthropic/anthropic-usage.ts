import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asObject, type JsonObject } from '../openai/json-value.js';

/** Anthropic's `usage`, whose `input_tokens` leave out what a cache gave or took. In a stream it comes in pieces: of each number, the last one told counts. */
export class AnthropicUsage {
  private readonly told = new Map<string, number>();

  take(value: unknown): void {
    const usage = asObject(value);
    if (usage === undefined) return;
    for (const name of NAMES) this.note(name, usage);
    const details = asObject(usage['output_tokens_details']);
    if (details !== undefined) this.note('thinking_tokens', details);
  }

  /** undefined: no tokens were told. */
  get event(): Extract<NeutralEvent, { kind: 'usage' }> | undefined {
    if (this.told.size === 0) return undefined;
    const cached = this.of('cache_read_input_tokens');
    const cacheWritten = this.of('cache_creation_input_tokens');
    const input = this.of('input_tokens') + cached + cacheWritten;
    return { kind: 'usage', usage: { input, output: this.of('output_tokens'), cached, cacheWritten, reasoning: this.of('thinking_tokens') } };
  }

  private note(name: string, holder: JsonObject): void {
    const count = holder[name];
    if (typeof count === 'number' && Number.isFinite(count) && count >= 0) this.told.set(name, Math.round(count));
  }

  private of(name: string): number {
    return this.told.get(name) ?? 0;
  }
}

const NAMES = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'] as const;
