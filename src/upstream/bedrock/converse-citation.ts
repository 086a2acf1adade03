import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, asText } from '../openai/json-value.js';

/** A citation of something with an address. What cites a document of the prompt has none, and no place in other wires. */
export function converseCitation(value: unknown): NeutralEvent | undefined {
  const citation = asObject(value);
  const web = asObject(asObject(citation?.['location'])?.['web']);
  const url = asText(web?.['url']);
  if (citation === undefined || url === undefined) return undefined;
  const quotes = (asArray(citation['sourceContent']) ?? []).map((content) => asText(asObject(content)?.['text'])).filter(Boolean);
  const title = asText(citation['title']) ?? asText(web?.['domain']) ?? url;
  return { kind: 'citation', choice: 0, url, title, quote: quotes.length === 0 ? undefined : quotes.join('') };
}
