import type { CacheMark } from '../neutral/neutral-request.js';

export function cacheControl(mark: CacheMark | undefined): { cache_control?: object } {
  if (mark === undefined) return {};
  return { cache_control: { type: 'ephemeral', ...(mark.ttl !== undefined && { ttl: mark.ttl }) } };
}
