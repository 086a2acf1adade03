import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asObject, asText } from '../openai/json-value.js';

export function cite(value: unknown, events: NeutralEvent[]): void {
  const annotation = asObject(value);
  const url = asText(annotation?.['url']);
  if (annotation?.['type'] !== 'url_citation' || url === undefined) return;
  events.push({ kind: 'citation', choice: 0, url, title: asText(annotation['title']) ?? '', quote: undefined });
}
