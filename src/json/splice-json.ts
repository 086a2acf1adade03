import type { ObjectScan } from './scan-object.js';

/** New text for the bytes `[start, end)`; an insertion when they are none. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string | Buffer;
}

/** Puts the splices in, in any order, and leaves every other byte as it stands. They may touch, but not overlap. */
export function spliceJson(bytes: Buffer, splices: readonly Splice[]): Buffer {
  return splices.length === 0 ? bytes : Buffer.concat(splicedPieces(bytes, splices));
}

/** The same in pieces, which are parts of the very bytes that were given, and at least one. */
export function splicedPieces(bytes: Buffer, splices: readonly Splice[]): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (const { start, end, text } of splices.length === 1 ? splices : splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    parts.push(bytes.subarray(from, start), typeof text === 'string' ? Buffer.from(text) : text);
    from = end;
  }
  parts.push(bytes.subarray(from));
  return parts;
}

/** Replaces a top-level field's value, or adds the field at the end of the object. Of a new object, add one field at a time. */
export function fieldSplice(scan: ObjectScan, name: string, json: string): Splice {
  const span = scan.fields.get(name);
  if (span !== undefined) return { start: span.start, end: span.end, text: json };
  const comma = scan.fields.size > 0 ? ',' : '';
  return { start: scan.closeAt, end: scan.closeAt, text: `${comma}${JSON.stringify(name)}:${json}` };
}
