import type { InferenceCall } from '../../contracts/inference-call.js';
import { fieldValue } from '../../json/read-field.js';
import { asArray, asObject, asText } from './json-value.js';

/** The names of the custom tools that a client of chat completions offers: it hears calls of them in their own form. */
export function customNames(call: InferenceCall | undefined): ReadonlySet<string> {
  const span = call?.fields.get('tools');
  if (call === undefined || span === undefined) return NONE;
  const written = call.body.subarray(span.start, span.end);
  // Most lists hold functions alone.
  if (!written.includes('"custom"') && !written.includes('\\u')) return NONE;
  const tools = (asArray(fieldValue(call.body, call, 'tools')) ?? []).map(asObject).filter((tool) => tool?.['type'] === 'custom');
  return new Set(tools.flatMap((tool) => asText(asObject(tool?.['custom'])?.['name']) ?? []));
}

const NONE: ReadonlySet<string> = new Set();
