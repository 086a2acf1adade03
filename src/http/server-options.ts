import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { ServerSettings } from '../contracts/gateway-settings.js';
import { GatewayError } from '../contracts/gateway-error.js';
import { partGently } from './part-gently.js';
import { RAW_REFUSALS, rawRefusal } from './raw-refusal.js';

type FastifyOptions = Exclude<ConstructorParameters<typeof FastifyAdapter>[0], undefined | { server: unknown }>;

/** Longer than any usual load balancer keeps an idle connection, so that it is never we who close one it is about to use. */
const KEEP_ALIVE_MS = 620_000;
const HEADER_BYTES_MAX = 16 * 1024;
const SLASH = 47;

/** How Fastify and Node's server behave before anything of ours is asked. `onFault`: what Fastify answers by itself, bent into our shape. */
export function serverOptions(
  server: ServerSettings,
  onFault: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void,
): FastifyOptions {
  return {
    logger: false,
    trustProxy: server.trustedProxies.length > 0 ? [...server.trustedProxies] : false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0,
    return503OnClosing: false,
    forceCloseConnections: false,
    // Plain HTTP/1.1: the types speak of HTTP/2 as well.
    frameworkErrors: onFault as NonNullable<FastifyOptions['frameworkErrors']>,
    routerOptions: { maxParamLength: 4_096 },
    rewriteUrl: ({ url = '/' }) => (url.charCodeAt(0) === SLASH ? url : pathOfAbsolute(url)),
    clientErrorHandler: (error, socket) => refuseSocket(socket as Socket, error),
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: server.headerTimeoutMs,
      connectionsCheckingInterval: Math.min(500, Math.max(50, server.headerTimeoutMs / 10)),
      // Ours to answer, in our shape.
      requireHostHeader: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
  };
}

/** Bytes that are no HTTP, headers without end: there is no response object, the answer goes to the socket itself. */
function refuseSocket(socket: Socket, error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const told = RAW_REFUSALS[error.code ?? ''] ?? new GatewayError('malformed_request', 'This is not a valid HTTP request.');
  // Whoever goes on sending is not listened to.
  partGently(socket);
  socket.write(rawRefusal(told));
  socket.destroySoon();
}

/** `GET http://anything/v1/models` is judged by its path alone; what is neither is left to be refused. */
function pathOfAbsolute(url: string): string {
  return /^https?:\/\/[^/?#]*(\/[^#]*)?$/i.exec(url)?.[1] ?? url;
}
