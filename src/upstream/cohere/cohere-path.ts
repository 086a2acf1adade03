import type { Target } from '../../contracts/target.js';

/** The second version's address; whoever gave a base may have named it already. */
export function coherePath({ upstream: { baseUrl } }: Target, verb: 'chat' | 'embed'): string {
  return baseUrl.endsWith('/v2') ? `/${verb}` : `/v2/${verb}`;
}
