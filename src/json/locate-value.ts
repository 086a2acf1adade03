import type { FieldSpan } from './scan-object.js';

/**
 * Where a value stands inside JSON that is known to be valid, by names and indexes from the outside in; undefined when it is not there.
 * Of a name that stands twice in an object, the last. `from` is the offset of the outermost value, or of white space before it.
 */
export function locateValue(bytes: Buffer, from: number, path: readonly (string | number)[]): FieldSpan | undefined {
  let span: FieldSpan | undefined = { start: skipSpace(bytes, from), end: bytes.length };
  for (const step of path) {
    span = typeof step === 'number' ? elementAt(bytes, span.start, step) : memberNamed(bytes, span.start, step);
    if (span === undefined) return undefined;
  }
  return path.length === 0 ? { start: span.start, end: valueEnd(bytes, span.start) } : span;
}

/** Every element of the array that begins at `from`; none when it is no array. */
export function* elementsOf(bytes: Buffer, from: number): Generator<FieldSpan> {
  if (bytes[from] !== OPEN_BRACKET) return;
  let at = skipSpace(bytes, from + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_BRACKET) {
    const end = valueEnd(bytes, at);
    yield { start: at, end };
    at = skipSpace(bytes, end);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function elementAt(bytes: Buffer, from: number, index: number): FieldSpan | undefined {
  let left = index;
  for (const element of elementsOf(bytes, from)) if (left-- === 0) return element;
  return undefined;
}

function memberNamed(bytes: Buffer, from: number, name: string): FieldSpan | undefined {
  if (bytes[from] !== OPEN_BRACE) return undefined;
  let found: FieldSpan | undefined;
  let at = skipSpace(bytes, from + 1);
  while (bytes[at] === QUOTE) {
    const nameEnd = stringEnd(bytes, at);
    // After the colon.
    const start = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1);
    const end = valueEnd(bytes, start);
    if (isNamed(bytes, at, nameEnd, name)) found = { start, end };
    at = skipSpace(bytes, end);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
  }
  return found;
}

function isNamed(bytes: Buffer, start: number, end: number, name: string): boolean {
  if (end - start < name.length + 2) return false;
  const raw = bytes.toString('utf8', start + 1, end - 1);
  return raw === name || (raw.includes('\\') && (JSON.parse(`"${raw}"`) as string) === name);
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] as number) <= 0x20) at += 1;
  return at;
}

function stringEnd(bytes: Buffer, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  return bytes.length;
}

function valueEnd(bytes: Buffer, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return stringEnd(bytes, from);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return containerEnd(bytes, from);
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte <= 0x20) break;
  }
  return at;
}

function containerEnd(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = stringEnd(bytes, at) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return bytes.length;
}
