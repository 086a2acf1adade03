import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';

/** The sources of one reply, each told once. A document without an address is named as LiteLLM's users know it (`source:ID`); a tool's output is one only where it has an address. */
export class Citations {
  private readonly told = new Set<string>();

  /** `value`: one citation or a list of them. */
  read(value: unknown, events: NeutralEvent[]): void {
    for (const citation of (asArray(value) ?? [value]).map(asObject))
      for (const source of asArray(citation?.['sources']) ?? []) this.source(asObject(source), events);
  }

  private source(source: JsonObject | undefined, events: NeutralEvent[]): void {
    const document = asObject(source?.['document']);
    const held = document ?? asObject(source?.['tool_output']);
    const id = asText(source?.['id']) ?? asText(document?.['id']);
    const url = address(held?.['url']) ?? (document === undefined || id === undefined ? undefined : `source:${id}`);
    if (url === undefined || this.told.has(url) || this.told.size >= SOURCES_MAX) return;
    this.told.add(url);
    events.push({ kind: 'citation', choice: 0, url, title: asText(held?.['title']) ?? id ?? url, quote: undefined });
  }
}

const SOURCES_MAX = 256;

function address(value: unknown): string | undefined {
  return typeof value === 'string' && /^https?:\/\//i.test(value) ? value : undefined;
}
