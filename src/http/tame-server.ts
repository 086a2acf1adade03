import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { GatewayError } from '../contracts/gateway-error.js';
import { rawRefusal } from './raw-refusal.js';

const WAITING = new WeakSet<IncomingMessage>();

/** The client sends its body only after `100 Continue`: whoever reads the body says so first. */
export function waitsForContinue(request: IncomingMessage): boolean {
  return WAITING.has(request);
}

/** What Node's server does by itself, where the gateway has a mind of its own. */
export function tameServer(server: Server): void {
  // A client may have said everything and still listen (see HalfCloseProbe).
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    WAITING.add(request);
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response.socket?.end(rawRefusal(new GatewayError('expectation_failed', 'The only expectation understood is 100-continue.')));
  });
  server.on('connect', (_request, socket) => {
    socket.end(
      rawRefusal(new GatewayError('method_not_allowed', 'This is no proxy: CONNECT is not understood.', { headers: { allow: 'GET, HEAD, POST' } })),
    );
  });
}
