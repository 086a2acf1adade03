import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';

type Citation = Extract<NeutralEvent, { kind: 'citation' }>;

/** The sources of a candidate: pages, places and documents that a search found, each with what was said of it, and texts that were recited. */
export function readCitations(candidate: JsonObject, choice: number): Citation[] {
  const grounding = asObject(candidate['groundingMetadata']);
  const citations = asObject(candidate['citationMetadata']);
  // The one is Vertex AI's name, the other AI Studio's.
  const recited = asArray(citations?.['citations']) ?? asArray(citations?.['citationSources']) ?? [];
  const events = grounding === undefined ? [] : grounded(grounding, choice);
  for (const item of recited) {
    const url = asText(asObject(item)?.['uri']);
    if (url !== undefined) events.push({ kind: 'citation', choice, url, title: asText(asObject(item)?.['title']) ?? url, quote: undefined });
  }
  return events;
}

function grounded(grounding: JsonObject, choice: number): Citation[] {
  const pages = (asArray(grounding['groundingChunks']) ?? []).map((chunk) => page(asObject(chunk)));
  const events: Citation[] = [];
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
  return [...events, ...pages.flatMap((found, index) => (supported.has(index) ? [] : citation(found, choice, undefined)))];
}

function page(chunk: JsonObject | undefined): JsonObject | undefined {
  return asObject(chunk?.['web']) ?? asObject(chunk?.['retrievedContext']) ?? asObject(chunk?.['maps']);
}

function citation(found: JsonObject | undefined, choice: number, quote: string | undefined): Citation[] {
  const url = asText(found?.['uri']);
  return url === undefined ? [] : [{ kind: 'citation', choice, url, title: asText(found?.['title']) ?? url, quote }];
}
