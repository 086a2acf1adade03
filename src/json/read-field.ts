import type { ObjectScan } from './scan-object.js';

/** The value of one top-level field; undefined when it is absent. Its cost is that of the field, not of the body. */
export function fieldValue(body: Buffer, scan: Pick<ObjectScan, 'fields'>, name: string): unknown {
  const span = scan.fields.get(name);
  return span === undefined ? undefined : (JSON.parse(body.toString('utf8', span.start, span.end)) as unknown);
}
