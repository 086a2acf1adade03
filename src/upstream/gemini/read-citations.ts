import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';

/** The sources of a candidate: pages that a search found, each with what was said of it, and texts that were recited. */
export function readCitations(candidate: JsonObject, choice: number): NeutralEvent[] {
  const grounding = asObject(candidate['groundingMetadata']);
  const recited = asArray(asObject(candidate['citationMetadata'])?.['citations']) ?? [];
  const events = grounding === undefined ? [] : grounded(grounding, choice);
  for (const item of recited) {
    const url = asText(asObject(item)?.['uri']);
    if (url !== undefined) events.push({ kind: 'citation', choice, url, title: asText(asObject(item)?.['title']) ?? url, quote: undefined });
  }
  return events;
}

function grounded(grounding: JsonObject, choice: number): NeutralEvent[] {
  const pages = (asArray(grounding['groundingChunks']) ?? []).map((chunk) => asObject(asObject(chunk)?.['web']));
  const events: NeutralEvent[] = [];
  const supported = new Set<number>();
  for (const item of asArray(grounding['groundingSupports']) ?? []) {
    const support = asObject(item);
    const quote = asText(asObject(support?.['segment'])?.['text']);
    for (const index of asArray(support?.['groundingChunkIndices']) ?? []) {
      if (typeof index !== 'number') continue;
      supported.add(index);
      events.push(...citation(pages[index], choice, quote));
    }
  }
  return [...events, ...pages.flatMap((page, index) => (supported.has(index) ? [] : citation(page, choice, undefined)))];
}

function citation(page: JsonObject | undefined, choice: number, quote: string | undefined): NeutralEvent[] {
  const url = asText(page?.['uri']);
  return url === undefined ? [] : [{ kind: 'citation', choice, url, title: asText(page?.['title']) ?? url, quote }];
}
