import type { Words } from './words-of.js';

/**
 * The offset after the closing quote of a JSON string whose first byte after the opening quote is at `from`, or the complement of the
 * offset at which it breaks the grammar: a control character, a wrong escape, no end. Long stretches are taken four bytes at a time.
 */
export function stringEnd(bytes: Buffer, view: Words | undefined, from: number): number {
  const length = bytes.length;
  let at = from;
  for (;;) {
    const near = at + NEAR_BYTES < length ? at + NEAR_BYTES : length;
    for (; at < near; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) return at + 1;
      if (byte < 0x20 || byte === BACKSLASH) break;
    }
    if (at === near && near < length && view !== undefined) {
      at = plainEnd(view, at);
      continue;
    }
    if (at >= length) return ~length;
    const byte = bytes[at] as number;
    if (byte < 0x20) return ~at;
    if (byte !== BACKSLASH) continue;
    const escape = bytes[at + 1];
    if (escape === 0x75) {
      for (let i = at + 2; i < at + 6; i++) if (!isHex(bytes[i])) return ~Math.min(i, length);
      at += 6;
    } else if (escape !== undefined && IS_ESCAPE[escape] === 1) at += 2;
    else return ~Math.min(at + 1, length);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** After a backslash: `"`, `\\`, `/`, b, f, n, r, t. */
const IS_ESCAPE = new Uint8Array(256);
for (const byte of [0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]) IS_ESCAPE[byte] = 1;
const NEAR_BYTES = 16;

/**
 * `from` lies behind plain bytes, so that its whole word can be looked at: the first byte of the first word that holds a quote, a backslash or a control
 * character, or of what is left after the last word.
 */
function plainEnd({ words, offset }: Words, from: number): number {
  let at = (offset + from) >> 2;
  for (; at < words.length; at++) {
    const word = words[at] as number;
    const quote = word ^ 0x22222222;
    const backslash = word ^ 0x5c5c5c5c;
    // A byte's high bit is set where the byte was zero (or below 0x20): the usual way to ask four bytes at once.
    const found = ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((word - 0x20202020) & ~word);
    if ((found & 0x80808080) !== 0) break;
  }
  return Math.max(from, (at << 2) - offset);
}

function isHex(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66));
}
