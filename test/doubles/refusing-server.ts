import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An upstream that refuses with the status and the code that stand in its base address; counts its calls. */
export class RefusingServer {
  calls = 0;

  private readonly server = createServer((request, response) => {
    this.calls += 1;
    const [, status = '400', code = ''] = request.url?.split('/') ?? [];
    const message = `The provider means ${code}.`;
    request.resume();
    response.writeHead(Number(status), { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message, type: 'invalid_request_error', param: 'messages', code } }));
  });

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  base(status: number, code: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${status}/${code}/v1`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
