import type { ServerResponse } from 'node:http';
import type { GatewayError } from '../contracts/gateway-error.js';
import type { RequestContext } from '../contracts/request-context.js';
import { isCheapToDrop } from './cheap-to-drop.js';
import { writeRefusal } from './refusal.js';
import { hasUnreadBody } from './unread-body.js';

/**
 * Refuses a request whose body nobody has read. Node calls a small body complete only at the end of the turn that brought it: until then its
 * connection would be given up for nothing.
 */
export function refuseUnread(raw: ServerResponse, context: RequestContext, error: GatewayError): void {
  if (!hasUnreadBody(raw.req) || isCheapToDrop(raw.req, error)) writeRefusal(raw, context, error);
  else setImmediate(() => (raw.destroyed ? undefined : writeRefusal(raw, context, error)));
}
