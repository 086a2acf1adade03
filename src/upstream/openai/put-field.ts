import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';

/** A field of a choice, or of what is in it; to an object without any, no more than one is added. `at`: where the object begins that has it. */
export function putField(bytes: Buffer, at: number, name: string, json: string): Splice {
  const span = locateValue(bytes, at, [name]);
  if (span !== undefined) return { ...span, text: json };
  const open = bytes.indexOf(OPEN, at) + 1;
  return { start: open, end: open, text: `${JSON.stringify(name)}:${json}${isEmptyAt(bytes, open) ? '' : ','}` };
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;

function isEmptyAt(bytes: Buffer, open: number): boolean {
  let at = open;
  while ((bytes[at] ?? CLOSE) <= SPACE) at += 1;
  return bytes[at] === CLOSE;
}
