import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import type { CallMends } from './call-mends.js';
import { putField } from './put-field.js';

/** `start`: where the call begins in `bytes`. */
export function callSplices(bytes: Buffer, start: number, { index, id, isUntyped, arguments: text }: Partial<CallMends>): Splice[] {
  const splices: Splice[] = [];
  if (index !== undefined) splices.push(putField(bytes, start, 'index', String(index)));
  if (id !== undefined) splices.push(putField(bytes, start, 'id', JSON.stringify(id)));
  if (isUntyped === true) splices.push(putField(bytes, start, 'type', '"function"'));
  const called = text === undefined ? undefined : locateValue(bytes, start, ['function'])?.start;
  if (called !== undefined && text !== undefined) splices.push(putField(bytes, called, 'arguments', text));
  return splices;
}
