import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const USAGE = {
  prompt_tokens: 11,
  completion_tokens: 5,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};
const ANSWER = {
  id: 'chatcmpl-seen',
  object: 'chat.completion',
  created: 1,
  model: 'inner-2026',
  choices: [{ index: 0, message: { role: 'assistant', content: 'the-secret-answer' }, finish_reason: 'stop' }],
  usage: USAGE,
};
const EVENTS = [
  { choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
  ...['the-', 'secret-', 'answer'].map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
  { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] },
  { choices: [], usage: USAGE },
].map(
  (event) => `data: ${JSON.stringify({ id: 'chatcmpl-streamed', object: 'chat.completion.chunk', created: 1, model: 'inner-2026', ...event })}\n\n`,
);

/** An OpenAI-like server that keeps the headers it was sent, and is ill under `/ill`. */
export class TelemetryUpstream {
  readonly headers: IncomingHttpHeaders[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<TelemetryUpstream> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        upstream.headers.push(request.headers);
        if (request.url?.startsWith('/ill') === true) response.writeHead(500, JSON_TYPE).end('{"error":{"message":"ill"}}');
        else if ((JSON.parse(body) as { stream?: boolean }).stream !== true) response.writeHead(200, JSON_TYPE).end(JSON.stringify(ANSWER));
        else {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          void flow(response);
        }
      });
    });
    const upstream = new TelemetryUpstream(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return upstream;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Each event by itself, so that there is time between them. */
async function flow(response: ServerResponse): Promise<void> {
  for (const event of EVENTS) {
    response.write(event);
    await wait(5);
  }
  response.end('data: [DONE]\n\n');
}

const JSON_TYPE = { 'content-type': 'application/json' };
