import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asObject, asText } from '../openai/json-value.js';

/** A citation of something with an address. What cites a document of the prompt has none, and no place in other wires. */
export function blockCitation(value: unknown): NeutralEvent | undefined {
  const citation = asObject(value);
  const url = asText(citation?.['url']) ?? (citation?.['type'] === 'search_result_location' ? asText(citation['source']) : undefined);
  if (citation === undefined || url === undefined) return undefined;
  return { kind: 'citation', choice: 0, url, title: asText(citation['title']) ?? url, quote: asText(citation['cited_text']) };
}
