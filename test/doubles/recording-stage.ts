import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RecordedCase, RecordedTraffic } from './recorded-traffic.js';
import { SeededRandom } from './seeded-random.js';

/** Providers as they were recorded, on one port of loopback: the prompt names the recording (`replay:ID;`). Answers come in slices of odd sizes. */
export class RecordingStage {
  private readonly random = new SeededRandom(11);
  private readonly byId: ReadonlyMap<string, RecordedCase>;
  private readonly server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (bytes: Buffer) => parts.push(bytes));
    request.on('end', () => this.replay(Buffer.concat(parts).toString(), response));
  });

  constructor(
    private readonly traffic: RecordedTraffic,
    cases: readonly RecordedCase[],
  ) {
    this.byId = new Map(cases.map((recorded) => [recorded.id, recorded]));
  }

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private replay(body: string, response: ServerResponse): void {
    const recorded = this.byId.get(/replay:([^;]+);/.exec(body)?.[1] ?? '');
    if (recorded === undefined) return void response.writeHead(404).end();
    const bytes = this.traffic.response(recorded);
    const wait = this.traffic.headers(recorded)['retry-after'];
    response.writeHead(recorded.status, {
      'content-type': TYPES[recorded.framing] ?? 'application/json',
      ...(wait !== undefined && { 'retry-after': wait }),
    });
    const next = (from: number): void => {
      const to = from + 1 + this.random.below(3_000);
      response.write(bytes.subarray(from, to), () => (to < bytes.length ? setImmediate(next, to) : response.end()));
    };
    next(0);
  }
}

const TYPES: Readonly<Record<string, string>> = { sse: 'text/event-stream', 'aws-eventstream': 'application/vnd.amazon.eventstream' };
