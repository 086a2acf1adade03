import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { ANSWER_MODES } from './answer-modes.js';
import { CUT_MODES } from './cut-modes.js';
import { FaultCall } from './fault-call.js';
import type { FaultMode } from './fault-mode.js';
import { FRAMING_MODES } from './framing-modes.js';
import { Ledger } from './ledger.js';
import { PROVIDER_MODES } from './provider-modes.js';
import { RequestReader, type WireRequest } from './request-reader.js';
import { STREAM_MODES } from './stream-modes.js';
import { errorBody, head, sendAnswer } from './wire.js';

export const FAULT_MODES: readonly FaultMode[] = [...ANSWER_MODES, ...CUT_MODES, ...FRAMING_MODES, ...PROVIDER_MODES, ...STREAM_MODES];

const BY_NAME = new Map(FAULT_MODES.map((mode) => [mode.usage.split(':')[0] ?? '', mode]));

/**
 * An upstream on loopback that goes wrong on demand. The first segment of the path names how: `http://127.0.0.1:PORT/stall-after:5/v1`
 * is the base address of one that falls silent after five tokens. `GET /__ledger` tells what came, `DELETE /__ledger` forgets it.
 */
export class FaultUpstream {
  readonly ledger = new Ledger();
  private readonly sockets = new Set<Socket>();
  private readonly counts = new Map<string, number>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => this.serve(socket));
  }

  /** Port 0: any free one. */
  static async start(port = 0, host = '127.0.0.1'): Promise<FaultUpstream> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    const upstream = new FaultUpstream(server);
    server.listen(port, host);
    await once(server, 'listening');
    return upstream;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The base address of an upstream in this mode. */
  base(mode: string): string {
    return `http://127.0.0.1:${this.port}/${mode}/v1`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    const connection = ++this.ledger.connections;
    this.ledger.openConnections++;
    const reader = new RequestReader();
    let count = 0;
    let last: FaultCall | undefined;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (const request of reader.write(bytes)) {
        const [, segment = ''] = request.path.split(/[/?]/);
        if (segment === '__ledger') {
          this.tellLedger(request, socket);
          continue;
        }
        if (last !== undefined) last.isFollowed = true;
        last = this.call(request, decodeURIComponent(segment), socket, connection, ++count);
        this.play(last);
      }
    });
    const peerClosed = (): void => {
      if (last !== undefined) last.entry.peerClosedAt ??= this.ledger.now();
    };
    socket.on('end', () => {
      peerClosed();
      socket.destroySoon();
    });
    socket.once('close', () => {
      peerClosed();
      last?.gone();
      this.sockets.delete(socket);
      this.ledger.openConnections--;
    });
  }

  private call(request: WireRequest, mode: string, socket: Socket, connection: number, onConnection: number): FaultCall {
    const { method, path, headers } = request;
    const entry = this.ledger.add({ mode, method, path, headers, connection, onConnection }, request.body);
    const before = this.counts.get(mode) ?? 0;
    this.counts.set(mode, before + 1);
    const [, ...rest] = mode.split(':');
    return new FaultCall(request, rest.length === 0 ? [] : rest.join(':').split(','), before, entry, socket, this.ledger);
  }

  private play(call: FaultCall): void {
    const [name = ''] = call.entry.mode.split(':');
    const known = BY_NAME.get(name);
    if (known === undefined)
      sendAnswer(call, errorBody(`no mode ${name}; known: ${[...BY_NAME.keys()].join(' ')}`, 'invalid_request_error'), {}, 404);
    else known.play(call);
  }

  private tellLedger(request: WireRequest, socket: Socket): void {
    if (request.method === 'DELETE') this.ledger.clear();
    const { entries, connections, openConnections } = this.ledger;
    const body = JSON.stringify({ connections, openConnections, requests: entries });
    socket.write(head(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) + body);
  }
}
