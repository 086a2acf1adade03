import { type Splice, spliceJson, splicedPieces } from '../json/splice-json.js';
import type { UpstreamRequest } from './upstream-transport.js';

/** A client's body with a few of its bytes changed. Of a large one no second copy is made, which would be held until the reply has come. */
export function splicedBody(body: Buffer, splices: readonly Splice[]): Pick<UpstreamRequest, 'body' | 'bodyRest'> {
  if (splices.length === 0 || body.length < LARGE_BYTES) return { body: spliceJson(body, splices) };
  const [first = body, ...rest] = splicedPieces(body, splices);
  return { body: first, bodyRest: rest };
}

/** Of anything smaller a copy costs less than writing it in pieces. */
const LARGE_BYTES = 256 * 1024;
