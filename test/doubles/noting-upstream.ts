import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface NotedCall {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An upstream that notes what comes and always says the same: one answer, or one stream where `"stream":true` stands in the body. */
export class NotingUpstream {
  readonly calls: NotedCall[] = [];

  private readonly server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (bytes: Buffer) => parts.push(bytes));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      this.calls.push({ url: request.url ?? '', headers: request.headers, body });
      const streams = body.includes('"stream":true');
      response.writeHead(200, { ...LEAKS, 'content-type': streams ? 'text/event-stream' : 'application/json' });
      response.end(streams ? this.stream : this.answer);
    });
  });

  constructor(
    private readonly answer: string,
    private readonly stream: string,
  ) {}

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get last(): NotedCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('the upstream was not called');
    return call;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

/** Headers that are nobody else's business, but for the first. */
const LEAKS = {
  'openai-processing-ms': '12',
  'set-cookie': 'session=canary',
  server: 'canary',
  via: '1.1 canary',
  'x-ratelimit-remaining-requests': '99999',
  'x-request-id': 'canary',
  'strict-transport-security': 'max-age=1',
  'access-control-allow-origin': '*',
  'openai-organization': 'canary',
  connection: 'x-secret',
  'x-secret': 'canary',
};
