import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { InterimHeads } from './interim-heads.js';
import { openSocket, type SocketTools } from './open-socket.js';

/** One connection to an upstream: carries one exchange at a time, and is never opened a second time. */
export class UpstreamConnection {
  private readonly client: Client;
  private readonly heads = new InterimHeads();
  private socket: Socket | undefined;
  private isLost = false;
  /** Replies it has completed. */
  served = 0;
  /** Since when it has been idle. */
  idleSince = 0;
  /** Closed after its present exchange. */
  isLast = false;
  /** Bytes have arrived since the last request was written. */
  hasHeard = false;
  /** What ended the socket, if it did not simply close. */
  brokenBy: Error | undefined;

  constructor(tools: SocketTools, onLost: (connection: UpstreamConnection, error: Error) => void) {
    this.client = new Client(tools.address.origin, {
      connect: (_options, callback) => {
        this.socket = openSocket(tools, (error, socket) => (error === undefined ? callback(null, this.watched(socket)) : callback(error, null)));
      },
      // Deadlines are kept by whoever sends.
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: HINTED_IDLE_MS_MAX,
      maxHeaderSize: HEAD_BYTES_MAX,
    });
    const lost = (error: Error): void => {
      if (this.isLost) return;
      this.isLost = true;
      // Left alone it would connect again for a request that it had not begun to send.
      this.client.destroy(ignore);
      onLost(this, error);
    };
    this.client.on('disconnect', (_origin, _targets, error) => lost(error));
    this.client.on('connectionError', (_origin, _targets, error) => lost(error));
  }

  get remoteAddress(): string | undefined {
    return this.socket?.remoteAddress;
  }

  /** It can carry another exchange. */
  get isUsable(): boolean {
    return !this.isLost && !this.isLast && this.socket?.destroyed === false && this.socket.writableLength === 0;
  }

  /** `handler` may be told of an error before this returns. */
  dispatch(path: string, headers: string[], body: Buffer, handler: Dispatcher.DispatchHandler): void {
    const options = { path, method: 'POST', headers, body };
    this.client.dispatch(this.isLast ? { ...options, reset: true } : options, handler);
  }

  /** The request is being written: what is read from now on is its reply. */
  expectReply(): void {
    this.hasHeard = false;
    this.heads.expectReply();
  }

  /** Closes it at once, connected or not. */
  destroy(): void {
    this.client.destroy(ignore);
    this.socket?.destroy();
  }

  /** Before undici listens, so that it comes first. */
  private watched(socket: Socket): Socket {
    socket.on('error', (error) => (this.brokenBy ??= error));
    const read = socket.read;
    socket.read = (size?: number) => {
      const chunk: unknown = read.call(socket, size);
      if (chunk instanceof Buffer) {
        this.hasHeard = true;
        this.heads.read(chunk);
      }
      return chunk;
    };
    return socket;
  }
}

/** Below the 5 s after which many servers close; a server that hints at another time is believed, within reason. */
const IDLE_MS = 3_500;
const HINTED_IDLE_MS_MAX = 30_000;
const HEAD_BYTES_MAX = 64 * 1024;
const ignore = (): void => undefined;
