import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An issuer's key address over a real socket. `answer` may be replaced at any time; every request is counted. */
export class KeySetServer {
  hits = 0;
  answer: RequestListener = (_request, response) => void response.writeHead(503).end();
  private server: Server | undefined;

  async start(port = 0): Promise<void> {
    const server = createServer((request, response) => {
      this.hits += 1;
      this.answer(request, response);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  }

  get port(): number {
    const address = this.server?.address() as AddressInfo | null | undefined;
    if (!address) throw new Error('the key set server is not running');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/jwks.json`;
  }

  serve(keys: readonly object[]): void {
    this.answer = (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
