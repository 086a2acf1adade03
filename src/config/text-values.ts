import { duplicateJsonKeys } from './duplicate-json-key.js';
import type { PartsForm } from './place.js';

/** Hears of a mistake inside a text value; `keys` lead to the part that is wrong. Without `found` the part is not shown. */
export type ReportText = (problem: {
  readonly keys: readonly string[];
  readonly found?: string;
  readonly reason: string;
  readonly fix: string;
  /** An entry that was kept without a value, so that its name is known: there is nothing more to be said of it. */
  readonly kept?: string;
}) => void;

/** A text that holds a map, and examples of one: here and in YAML. */
interface MapText {
  readonly example: string;
  readonly exampleInFile: string;
  readonly parts: PartsForm;
  readonly fromText: (text: string, report: ReportText) => unknown;
}

/** A plain decimal number. No leading zeros (octal elsewhere), no exponent, no unit, nothing that would be rounded: such text comes back unread. */
export function numberFromText(text: string): number | string {
  const plain = text.trim();
  return /^-?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)$/.test(plain) && Math.abs(Number(plain)) <= Number.MAX_SAFE_INTEGER ? Number(plain) : text;
}

/** `name=value;name=value`; a value may hold further `=`. */
export function namedListFromText(example: string, exampleInFile: string): MapText {
  const fromText: MapText['fromText'] = (text, report) => {
    const entries = new Map<string, string>();
    for (const [index, part] of text.split(';').entries()) {
      if (part.trim() === '') continue;
      const at = part.indexOf('=');
      const name = part.slice(0, Math.max(at, 0)).trim();
      const value = part.slice(at + 1).trim();
      if (at >= 0 && entries.has(name)) report({ keys: [name], found: name, reason: 'stands there twice', fix: 'give each a name of its own' });
      else if (at < 0) {
        // All of it was probably meant as a name.
        const kept = entries.has(value) ? undefined : value;
        report({
          keys: [`#${index + 1}`],
          reason: 'must be name=value, entries separated by ";"',
          fix: example,
          ...(kept !== undefined && { kept }),
        });
        if (kept !== undefined) entries.set(kept, '');
      } else {
        if (value === '') report({ keys: [name], found: '', reason: 'has no value', fix: example, kept: name });
        entries.set(name, value);
      }
    }
    return entries;
  };
  return { example, exampleInFile, parts: 'text', fromText };
}

/** A JSON object, objects inside as maps. Nothing of the text is ever shown: it may name keys. */
export function jsonMapFromText(example: string, exampleInFile: string): MapText {
  const fromText: MapText['fromText'] = (text, report) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      const where = /line \d+ column \d+/.exec(String(error))?.[0] ?? 'its end';
      report({ keys: [], reason: `is no valid JSON (at ${where})`, fix: example });
      return undefined;
    }
    for (const twice of duplicateJsonKeys(text)) report({ keys: twice, reason: 'stands there twice', fix: 'keep one of them' });
    return mapsFrom(value);
  };
  return { example, exampleInFile, parts: 'json', fromText };
}

function mapsFrom(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mapsFrom);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, inner]) => [key, mapsFrom(inner)]));
}
