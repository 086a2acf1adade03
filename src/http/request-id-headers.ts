import type { RequestContext } from '../contracts/request-context.js';

/** The request's id, by the names under which clients of its wire look for it. */
export function requestIdHeaders({ endpoint, requestId }: RequestContext): string[] {
  const isAnthropics = endpoint === 'messages' || endpoint === 'count_tokens';
  return isAnthropics ? ['x-request-id', requestId, 'request-id', requestId] : ['x-request-id', requestId];
}
