import type { Socket } from 'node:net';
import { HttpFault } from './http-fault.js';
import { openSocket, type SocketTools } from './open-socket.js';
import { type PreparedRequest, requestHead } from './request-head.js';
import { type ReplyListener, ReplyReader } from './reply-reader.js';
import type { ReplyHead } from './reply-head.js';

/** Hears of its reply, or of what became of the connection instead; not before `send` has returned. */
export interface Carried extends ReplyListener {
  replyBroken(error: Error): void;
}

/** One connection to an upstream: carries one exchange at a time, and is never opened a second time. */
export class UpstreamConnection implements ReplyListener {
  private readonly socket: Socket;
  private readonly reader = new ReplyReader(this);
  private carried: Carried | undefined;
  /** What is to be sent once it is open. */
  private waiting: { readonly head: string; readonly request: PreparedRequest } | undefined;
  private isOpen = false;
  private isLost = false;
  private isPaused = false;
  private brokenBy: Error | undefined;
  /** Replies it has completed. */
  served = 0;
  /** Since when it has been idle. */
  idleSince = 0;
  /** Closed after its present exchange. */
  isLast = false;
  /** Bytes have arrived since the last request was given. */
  hasHeard = false;
  /** The server sent what nobody had asked for. */
  spokeUnasked = false;

  constructor(
    tools: SocketTools,
    private readonly onLost: (connection: UpstreamConnection) => void,
  ) {
    this.socket = openSocket(
      tools,
      (bytes, length) => this.read(bytes, length),
      (error) => this.opened(error),
    );
    this.socket
      .on('error', (error) => (this.brokenBy ??= error))
      .on('end', () => this.closedByServer())
      .on('close', () => this.lost(this.brokenBy ?? new Error('the connection was closed')));
  }

  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress;
  }

  /** It can carry another exchange. */
  get isUsable(): boolean {
    return !this.isLost && !this.isLast && this.isOpen && !this.socket.destroyed && this.socket.writableLength === 0;
  }

  /** How long it may be idle, milliseconds, by what its last reply said. */
  get idleMsMax(): number {
    return this.reader.idleMs;
  }

  send(request: PreparedRequest, carried: Carried): void {
    const head = requestHead(request, !this.isLast);
    this.carried = carried;
    this.hasHeard = false;
    this.reader.expectReply();
    if (this.isOpen) this.write(head, request);
    else this.waiting = { head, request };
  }

  /** No more is read, and so no more is sent by the server than fits on the way; until `resume`. */
  pause(): void {
    this.isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.socket.resume();
  }

  /** Closes it at once, connected or not. Whom it carries hears nothing more. */
  destroy(): void {
    this.isLost = true;
    this.carried = undefined;
    this.reader.stop();
    this.socket.destroy();
  }

  replyHead(head: ReplyHead): void {
    this.carried?.replyHead(head);
  }

  replyData(chunk: Buffer): void {
    this.carried?.replyData(chunk);
  }

  replyEnd(): void {
    const { carried } = this;
    this.carried = undefined;
    if (this.reader.isOverfull) this.spokeUnasked = true;
    if (this.reader.idleMs === 0) this.isLast = true;
    if (this.isPaused) this.resume();
    carried?.replyEnd();
  }

  private opened(error: Error | undefined): void {
    if (error !== undefined) return this.lost(error);
    this.isOpen = true;
    if (this.waiting !== undefined) this.write(this.waiting.head, this.waiting.request);
    this.waiting = undefined;
  }

  private write(head: string, { body, bodyRest }: PreparedRequest): void {
    if (bodyRest !== undefined || body.length > JOINED_BYTES_MAX) {
      this.socket.cork();
      this.socket.write(head, 'latin1');
      this.socket.write(body);
      if (bodyRest !== undefined) for (const piece of bodyRest) this.socket.write(piece);
      this.socket.uncork();
      return;
    }
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    bytes.write(head, 'latin1');
    body.copy(bytes, head.length);
    this.socket.write(bytes);
  }

  private read(bytes: Buffer, length: number): boolean {
    if (this.carried === undefined) {
      this.spokeUnasked = true;
      this.lost(new HttpFault());
      return true;
    }
    this.hasHeard = true;
    try {
      this.reader.read(bytes, length);
    } catch (error) {
      this.lost(error as Error);
    }
    return !this.isPaused;
  }

  private closedByServer(): void {
    if (this.carried !== undefined && this.reader.endByClose()) return;
    this.lost(this.brokenBy ?? new Error('the connection was closed'));
  }

  private lost(error: Error): void {
    if (this.isLost) return;
    const { carried } = this;
    this.destroy();
    this.onLost(this);
    carried?.replyBroken(error);
  }
}

/** Up to here a copy costs less than a second piece to write. */
const JOINED_BYTES_MAX = 16 * 1024;
