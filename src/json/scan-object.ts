import { isUtf8 } from 'node:buffer';
import { stringEnd } from './string-end.js';
import { wordsOf } from './words-of.js';

/** Where a top-level value stands in the bytes: `[start, end)`. */
export interface FieldSpan {
  readonly start: number;
  readonly end: number;
}

export interface ObjectScan {
  /**
   * Every top-level field by its decoded name; of a name that stands twice, the last, as `JSON.parse` has it. Of an object with more than
   * 1,024 names, which only an abuser sends, the first 1,024: a millionth name costs no memory.
   */
  readonly fields: ReadonlyMap<string, FieldSpan>;
  /** Names that stand twice or more at the top level. */
  readonly duplicates: ReadonlySet<string>;
  /** Offset of the closing brace, where a further field can be put. */
  readonly closeAt: number;
}

/** Why bytes are no object, and at which byte that shows. `not_object`: valid JSON of another kind. */
export interface ScanFault {
  readonly fault: 'invalid' | 'too_deep' | 'not_object';
  readonly at: number;
}

/**
 * Reads an object's layout in one pass over its bytes and builds nothing of what it holds: what `JSON.parse` would accept, and no more,
 * but for a byte order mark at the start. The outermost object is depth 1. Linear in the bytes, without recursion.
 */
export function scanObject(body: Buffer, depthMax: number): ObjectScan | ScanFault {
  if (!isUtf8(body)) return { fault: 'invalid', at: firstBadByte(body) };
  const length = body.length;
  const words = wordsOf(body);
  const fields = new Map<string, FieldSpan>();
  const duplicates = new Set<string>();
  let isArray = new Uint8Array(64);
  let depth = 0;
  let at = body[0] === 0xef && body[1] === 0xbb ? 3 : 0;
  const rootAt = (at = skipSpace(body, at));
  let closeAt = -1;
  let name = '';
  let nameIsDue = false;
  let valueAt = at;

  for (;;) {
    // A value, or the name before one, begins here.
    if (at >= length) return invalid(length);
    let byte = body[at] as number;
    if (nameIsDue) {
      if (byte !== QUOTE) return invalid(at);
      const end = stringEnd(body, words, at + 1);
      if (end < 0) return invalid(~end);
      if (depth === 1) name = nameIn(body, at, end);
      at = skipSpace(body, end);
      if (body[at] !== COLON) return invalid(at);
      at = skipSpace(body, at + 1);
      if (at >= length) return invalid(length);
      byte = body[at] as number;
      nameIsDue = false;
    }
    if (depth === 1) valueAt = at;
    if (byte === QUOTE) {
      at = stringEnd(body, words, at + 1);
      if (at < 0) return invalid(~at);
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (depth >= depthMax) return { fault: 'too_deep', at };
      if (depth === isArray.length) isArray = grown(isArray);
      isArray[depth] = byte === OPEN_BRACKET ? 1 : 0;
      depth += 1;
      at = skipSpace(body, at + 1);
      // `{` and `}` are two apart, and so are `[` and `]`.
      if (body[at] !== byte + 2) {
        nameIsDue = byte === OPEN_BRACE;
        continue;
      }
      if (depth === 1) closeAt = at;
      depth -= 1;
      at += 1;
    } else {
      at = byte === MINUS || isDigit(byte) ? numberEnd(body, at) : literalEnd(body, at);
      if (at < 0) return invalid(~at);
    }

    // A value ended at `at`: close what ends with it, up to the next comma.
    for (;;) {
      if (depth === 1 && isArray[0] === 0) {
        const isKnown = fields.has(name);
        if (isKnown) duplicates.add(name);
        if (isKnown || fields.size < NAMES_MAX) fields.set(name, { start: valueAt, end: at });
      }
      at = skipSpace(body, at);
      if (depth === 0) {
        if (at < length) return invalid(at);
        return body[rootAt] === OPEN_BRACE ? { fields, duplicates, closeAt } : { fault: 'not_object', at: rootAt };
      }
      byte = body[at] ?? 0;
      const inArray = isArray[depth - 1] === 1;
      if (byte === COMMA) {
        nameIsDue = !inArray;
        at = skipSpace(body, at + 1);
        break;
      }
      if (byte !== (inArray ? CLOSE_BRACKET : CLOSE_BRACE)) return invalid(at);
      if (depth === 1) closeAt = at;
      depth -= 1;
      at += 1;
    }
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** Later names are still looked up, so that no second `model` hides behind them. */
const NAMES_MAX = 1024;
const LITERALS = [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')];

function invalid(at: number): ScanFault {
  return { fault: 'invalid', at };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  for (; at < body.length; at++) {
    const byte = body[at] as number;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
  }
  return at;
}

/** The end of a number, or the complement of where it goes wrong. */
function numberEnd(body: Buffer, from: number): number {
  let at = from;
  if (body[at] === MINUS) at += 1;
  if (body[at] === 0x30) at += 1;
  else if (isDigit(body[at])) at = digitsEnd(body, at);
  else return ~at;
  if (body[at] === DOT) {
    if (!isDigit(body[at + 1])) return ~(at + 1);
    at = digitsEnd(body, at + 1);
  }
  if (body[at] === 0x65 || body[at] === 0x45) {
    at += 1;
    if (body[at] === 0x2b || body[at] === MINUS) at += 1;
    if (!isDigit(body[at])) return ~at;
    at = digitsEnd(body, at);
  }
  return at;
}

function digitsEnd(body: Buffer, from: number): number {
  let at = from;
  while (at < body.length && isDigit(body[at])) at += 1;
  return at;
}

function literalEnd(body: Buffer, from: number): number {
  for (const literal of LITERALS) {
    if (body[from] !== literal[0]) continue;
    for (let i = 1; i < literal.length; i++) if (body[from + i] !== literal[i]) return ~(from + i);
    return from + literal.length;
  }
  return ~from;
}

function nameIn(body: Buffer, start: number, end: number): string {
  const raw = body.toString('utf8', start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

function grown(stack: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(stack.length * 2);
  larger.set(stack);
  return larger;
}

/** Decoding puts U+FFFD where bytes are wrong; one that stands in the text itself is passed over. */
function firstBadByte(body: Buffer): number {
  const text = body.toString('utf8');
  let at = 0;
  let from = 0;
  for (;;) {
    const found = text.indexOf('\ufffd', from);
    if (found < 0) return at;
    at += Buffer.byteLength(text.slice(from, found));
    if (body[at] !== 0xef || body[at + 1] !== 0xbf || body[at + 2] !== 0xbd) return at;
    at += 3;
    from = found + 1;
  }
}
