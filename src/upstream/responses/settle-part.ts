import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asText, type JsonObject } from '../openai/json-value.js';
import { cite } from './cite.js';
import type { OpenItem } from './open-item.js';
import { tellLogprobs } from './tell-logprobs.js';

/** A part of a message that is done: what its deltas left out. */
export function settlePart({ hasCited }: OpenItem, isTold: boolean, part: JsonObject, events: NeutralEvent[]): void {
  if (!isTold) {
    const text = asText(part['text']);
    const refusal = asText(part['refusal']);
    if (text !== undefined) events.push({ kind: 'text', choice: 0, text });
    if (refusal !== undefined) events.push({ kind: 'refusal', choice: 0, text: refusal });
    tellLogprobs(part['logprobs'], events);
  }
  if (!hasCited) for (const annotation of asArray(part['annotations']) ?? []) cite(annotation, events);
}
