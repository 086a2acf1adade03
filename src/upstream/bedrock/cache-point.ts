import type { CacheMark, JsonObject } from '../neutral/neutral-request.js';

/** A block of its own, behind what is to be cached; none where nothing was marked. Five minutes are meant where no time is told. */
export function cachePoint(mark: CacheMark | undefined, isTaken: boolean): readonly JsonObject[] {
  if (mark === undefined || !isTaken) return [];
  return [{ cachePoint: { type: 'default', ...(mark.ttl === '1h' && { ttl: '1h' }) } }];
}
