import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A little server on loopback that answers every request with these bytes. `close` when done. */
export async function servedBytes(body: Buffer, type: string): Promise<{ readonly baseUrl: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, reply) => {
    request.resume();
    reply.writeHead(200, { 'content-type': type, connection: 'close' });
    reply.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
