import type { IncomingMessage } from 'node:http';

/** Part of the request's body is still on its way: whoever answers now has to end the connection with it. */
export function hasUnreadBody(request: IncomingMessage): boolean {
  if (request.complete) return false;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}
