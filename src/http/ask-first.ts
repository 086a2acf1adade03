import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Asks before whoever answers requests now; what was taken care of goes no further. */
export function askFirst(server: Server, takesCareOf: (request: IncomingMessage, response: ServerResponse) => boolean): void {
  const answerers = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!takesCareOf(request, response)) for (const answer of answerers) answer.call(server, request, response);
  });
}
