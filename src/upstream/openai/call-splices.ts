import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import type { CallMends } from './call-mends.js';
import { put } from './shaped-fields.js';

/** `start`: where the call begins in `bytes`. */
export function callSplices(bytes: Buffer, start: number, { index, id, isUntyped, arguments: text }: Partial<CallMends>): Splice[] {
  const splices: Splice[] = [];
  if (index !== undefined) splices.push(put(bytes, start, 'index', String(index)));
  if (id !== undefined) splices.push(put(bytes, start, 'id', JSON.stringify(id)));
  if (isUntyped === true) splices.push(put(bytes, start, 'type', '"function"'));
  const called = text === undefined ? undefined : locateValue(bytes, start, ['function'])?.start;
  if (called !== undefined && text !== undefined) splices.push(put(bytes, called, 'arguments', text));
  return splices;
}
