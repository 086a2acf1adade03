import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray } from '../openai/json-value.js';

export function tellLogprobs(value: unknown, events: NeutralEvent[]): void {
  const content = asArray(value);
  if (content !== undefined && content.length > 0) events.push({ kind: 'logprobs', choice: 0, content });
}
