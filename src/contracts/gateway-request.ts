import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { RequestContext } from './request-context.js';

/** What guards and controllers see of a request: the part of Fastify's that they need, and our context, which hangs on it from the first hook on. */
export interface GatewayRequest {
  readonly raw: IncomingMessage;
  readonly headers: IncomingHttpHeaders;
  /** The client's address, by the rules of GATEWAY_TRUSTED_PROXIES. */
  readonly ip: string;
  readonly gateway: RequestContext;
}
