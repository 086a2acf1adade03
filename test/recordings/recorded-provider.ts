import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RecordedCase, RecordedTraffic } from '../doubles/recorded-traffic.js';
import { SeededRandom } from '../doubles/seeded-random.js';

/**
 * Every provider at once, on one port of loopback: a call below `/<case>` is answered with the very bytes that were recorded, their status and
 * their headers, cut at random places that are the same in every run.
 */
export class RecordedProvider {
  /** Paths that were asked for, by case. */
  readonly asked = new Map<string, string[]>();

  private readonly byId = new Map<string, RecordedCase>();
  private readonly random: SeededRandom;
  private readonly server = createServer((request, response) => {
    request.resume();
    request.on('end', () => this.answer(request.url ?? '/', response));
  });

  constructor(
    private readonly traffic: RecordedTraffic,
    cases: readonly RecordedCase[],
    seed: number,
  ) {
    this.random = new SeededRandom(seed);
    for (const recorded of cases) this.byId.set(recorded.id, recorded);
  }

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  /** What stands in a provider's `…_API_BASE`. */
  base({ id }: RecordedCase): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${id}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private answer(url: string, response: ServerResponse): void {
    const [, id = '', rest = ''] = /^\/([^/]+\/[^/]+)(.*)$/s.exec(url) ?? [];
    const recorded = this.byId.get(id);
    if (recorded === undefined) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('no such recording');
    // Whoever lets in by tokens gives them here.
    if (rest === '/token') return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"recorded"}');
    this.asked.set(id, [...(this.asked.get(id) ?? []), rest]);
    const bytes = this.traffic.response(recorded);
    response.writeHead(recorded.status, headersOf(this.traffic.headers(recorded), recorded));
    const next = (from: number): void => {
      const to = from + 1 + this.random.below(Math.max(200, bytes.length >> 5));
      response.write(bytes.subarray(from, to), () => (to < bytes.length ? setImmediate(next, to) : response.end()));
    };
    if (bytes.length === 0) response.end();
    else next(0);
  }
}

/** Lengths and codings belong to the connection that was recorded, dates would be read as advice for today. */
function headersOf(recorded: Readonly<Record<string, string>>, { framing }: RecordedCase): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(recorded)) if (!OF_THE_CONNECTION.has(name.toLowerCase())) headers[name.toLowerCase()] = value;
  headers['content-type'] ??= TYPES[framing] ?? 'application/json';
  return headers;
}

const OF_THE_CONNECTION = new Set(['connection', 'content-encoding', 'content-length', 'date', 'keep-alive', 'transfer-encoding', 'upgrade']);
const TYPES: Readonly<Record<string, string>> = {
  sse: 'text/event-stream',
  'aws-eventstream': 'application/vnd.amazon.eventstream',
  text: 'text/plain',
};
