import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';
import { signatureOf } from './encrypted-signature.js';
import type { OpenItem } from './open-item.js';

/** Thoughts that are done: what their deltas left out, and what signs them. */
export function settleReasoning({ thoughts }: OpenItem, item: JsonObject, events: NeutralEvent[]): void {
  const summary = textsOf(item['summary']);
  const text = summary === '' ? textsOf(item['content']) : summary;
  if (thoughts === undefined && text !== '') events.push({ kind: 'reasoning', choice: 0, text });
  const encrypted = asText(item['encrypted_content']);
  if (encrypted === undefined) return;
  const hasText = thoughts !== undefined || text !== '';
  const signature = signatureOf(encrypted);
  events.push(hasText ? { kind: 'reasoning_signature', choice: 0, signature } : { kind: 'redacted_reasoning', choice: 0, data: signature });
}

function textsOf(parts: unknown): string {
  return (asArray(parts) ?? []).map((part) => asText(asObject(part)?.['text']) ?? '').join('');
}
