import type { ServerResponse } from 'node:http';
import type { GatewayError } from '../contracts/gateway-error.js';
import type { RequestContext } from '../contracts/request-context.js';
import { isCheapToDrop } from './cheap-to-drop.js';
import { errorShape } from './error-shape.js';
import { partGently } from './part-gently.js';
import { requestIdHeaders } from './request-id-headers.js';
import { hasUnreadBody } from './unread-body.js';

/** Tells the client why not, in the one shape, on a response of which nothing was sent yet. */
export function writeRefusal(raw: ServerResponse, context: RequestContext, error: GatewayError): void {
  const { provider, retryAfterMs, shouldRetry, headers } = error.details;
  // Text goes out in one piece with the head.
  const body = Buffer.isBuffer(provider?.body) ? provider.body : JSON.stringify(errorShape(context.endpoint).body(error));
  // A provider's refusal is logged by the word the client reads.
  context.errorCode = error.body.error.code ?? error.code;
  const flat = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body)), ...requestIdHeaders(context)];
  for (const [name, value] of Object.entries(context.rateLimitHeaders ?? NONE)) flat.push(name, value);
  if (retryAfterMs !== undefined) flat.push('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  if (shouldRetry === false) flat.push('x-should-retry', 'false');
  for (const [name, value] of Object.entries(headers ?? NONE)) flat.push(name, value);
  if (context.attempts > 0) flat.push('x-nexus-upstream', context.upstream, 'x-nexus-attempts', String(context.attempts));
  // A body still on its way would be read and thrown away, or taken for the next request.
  if (hasUnreadBody(raw.req) && !isCheapToDrop(raw.req, error)) {
    raw.shouldKeepAlive = false;
    if (raw.socket !== null) partGently(raw.socket);
  }
  raw.writeHead(error.status, flat);
  raw.end(raw.req.method === 'HEAD' ? undefined : body);
}

const NONE: Readonly<Record<string, string>> = {};
