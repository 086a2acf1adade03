import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProtobufFields } from './protobuf-fields.js';

export type Told = Readonly<Record<string, unknown>>;

export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly isError: boolean;
  readonly attributes: Told;
  readonly resource: Told;
}

export interface SeenPoint {
  readonly metric: string;
  readonly unit: string;
  /** Of a histogram how many were recorded, else the sum. */
  readonly count: number;
  readonly sum: number;
  readonly bounds: readonly number[];
  /** 1 delta, 2 cumulative. */
  readonly temporality: number;
  readonly attributes: Told;
  readonly resource: Told;
}

/** A collector: takes OTLP over HTTP as protobuf, and keeps what it was told. It can also refuse, or take and never answer. */
export class OtlpReceiver {
  readonly spans: SeenSpan[] = [];
  readonly points: SeenPoint[] = [];
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  mood: 'takes' | 'refuses' | 'hangs' = 'takes';

  private constructor(private readonly server: Server) {}

  static async start(port = 0): Promise<OtlpReceiver> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        receiver.requests.push({ path: request.url ?? '', headers: request.headers });
        if (receiver.mood === 'hangs') return;
        if (receiver.mood === 'takes') receiver.take(request.url ?? '', Buffer.concat(chunks));
        response.writeHead(receiver.mood === 'takes' ? 200 : 400, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
    const receiver = new OtlpReceiver(server);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(path: string, body: Buffer): void {
    for (const group of new ProtobufFields(body).messages(1)) {
      const resource = attributesOf(group.messages(1)[0], 1);
      for (const scope of group.messages(2))
        for (const entry of scope.messages(2))
          if (path.endsWith('/v1/traces')) this.spans.push(spanOf(entry, resource));
          else this.points.push(...pointsOf(entry, resource));
    }
  }
}

function spanOf(span: ProtobufFields, resource: Told): SeenSpan {
  return {
    traceId: span.hex(1),
    spanId: span.hex(2),
    traceState: span.text(3),
    parentId: span.hex(4),
    name: span.text(5),
    kind: span.whole(6),
    startNs: span.whole(7),
    endNs: span.whole(8),
    attributes: attributesOf(span, 9),
    isError: span.messages(15)[0]?.whole(3) === 2,
    resource,
  };
}

function pointsOf(metric: ProtobufFields, resource: Told): SeenPoint[] {
  const [sum] = metric.messages(7);
  const [histogram] = metric.messages(9);
  const data = sum ?? histogram;
  return (data?.messages(1) ?? []).map((point) => {
    // A number stands as a double or as a whole; a histogram has both a count and a sum.
    const total = sum === undefined ? point.double(5) : point.has(4) ? point.double(4) : point.whole(6);
    return {
      metric: metric.text(1),
      unit: metric.text(3),
      count: sum === undefined ? point.whole(4) : total,
      sum: total,
      bounds: sum === undefined ? point.doubles(7) : [],
      temporality: data?.whole(2) ?? 0,
      attributes: attributesOf(point, sum === undefined ? 9 : 7),
      resource,
    };
  });
}

function attributesOf(owner: ProtobufFields | undefined, number: number): Told {
  return Object.fromEntries((owner?.messages(number) ?? []).map((pair) => [pair.text(1), valueOf(pair.messages(2)[0])]));
}

function valueOf(value: ProtobufFields | undefined): unknown {
  if (value === undefined) return undefined;
  if (value.has(1)) return value.text(1);
  if (value.has(2)) return value.whole(2) === 1;
  if (value.has(3)) return value.whole(3);
  if (value.has(4)) return value.double(4);
  return value.messages(5)[0]?.messages(1).map(valueOf);
}
