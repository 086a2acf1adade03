import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import { asArray, asObject, asText, type JsonObject } from './json-value.js';

/**
 * Content that came as a list of parts, thoughts among them, the way OpenAI's clients take it: its text as one text, its thoughts as
 * `reasoning_content`; an object that a schema asked for, as the JSON text of it. `from`: where the object that holds it (a delta or a message)
 * begins in `bytes`.
 */
export function contentSplices(bytes: Buffer, from: number, holder: JsonObject): Splice[] {
  const { content: held } = holder;
  const span = typeof held === 'object' && held !== null ? locateValue(bytes, from, ['content']) : undefined;
  if (span === undefined) return [];
  const parts = asArray(held);
  if (parts === undefined) return [{ ...span, text: JSON.stringify(JSON.stringify(held)) }];
  let text = '';
  let thoughts = '';
  for (const item of parts) {
    const part = asObject(item);
    text += asText(part?.['text']) ?? '';
    for (const thought of asArray(part?.['thinking'] ?? part?.['summary']) ?? []) thoughts += asText(asObject(thought)?.['text']) ?? '';
  }
  const content = text === '' ? 'null' : JSON.stringify(text);
  return [{ ...span, text: thoughts === '' ? content : `${content},"reasoning_content":${JSON.stringify(thoughts)}` }];
}
