import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'inner',
  choices: [{ index: 0, message: { role: 'assistant', content: 'well' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

/** An upstream that is well or ill as the test says, counts what reaches it, and may take its time. */
export class SwitchedUpstream {
  isIll = false;
  delayMs = 0;
  calls = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SwitchedUpstream> {
    const server = createServer((request, response) => {
      upstream.calls++;
      request.resume();
      setTimeout(() => {
        response.writeHead(upstream.isIll ? 500 : 200, { 'content-type': 'application/json' });
        response.end(upstream.isIll ? '{"error":{"message":"ill"}}' : ANSWER);
      }, upstream.delayMs);
    });
    const upstream = new SwitchedUpstream(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return upstream;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
