import { endianness } from 'node:os';
import { elementsOf, locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';

/** For a client that asked for base64: every embedding that came as a list of numbers, as base64 of little-endian 32-bit floats. */
export function base64Splices(body: Buffer, dataAt: number): Splice[] {
  const splices: Splice[] = [];
  for (const element of elementsOf(body, dataAt)) {
    const span = locateValue(body, element.start, ['embedding']);
    if (span === undefined || body[span.start] !== OPEN_BRACKET) continue;
    const floats = Float32Array.from(JSON.parse(body.toString('latin1', span.start, span.end)) as number[]);
    const bytes = Buffer.from(floats.buffer);
    if (endianness() === 'BE') bytes.swap32();
    splices.push({ ...span, text: `"${bytes.toString('base64')}"` });
  }
  return splices;
}

const OPEN_BRACKET = 0x5b;
