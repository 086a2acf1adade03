import { connect, type Socket } from 'node:net';

/**
 * One keep-alive connection that knows just enough HTTP to tell where a reply ends, so that it costs little beside what it measures.
 * It never sends a request before the last one is answered; a connection that is lost in the middle of a reply counts as status 0.
 */
export class ClientConnection {
  /** Of the last reply. */
  status = 0;
  events = 0;
  isBusy = false;
  sentAt = 0;
  private socket: Socket | undefined;
  private head: Buffer | undefined;
  private isInHead = true;
  /** Bytes of the body to come; below 0: it comes in chunks. */
  private left = 0;
  private lastByte = 0;
  private tail = '';
  private readonly port: number;
  private readonly onReply: (connection: ClientConnection) => void;

  constructor(port: number, onReply: (connection: ClientConnection) => void) {
    this.port = port;
    this.onReply = onReply;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
      socket.once('connect', resolve).once('error', reject);
      socket.on('data', (chunk) => this.read(chunk));
      socket.on('close', () => this.lost(socket));
      this.socket = socket;
    });
  }

  send(request: Buffer): void {
    this.isBusy = true;
    this.isInHead = true;
    this.events = 0;
    this.lastByte = 0;
    this.tail = '';
    this.sentAt = performance.now();
    this.socket?.write(request);
  }

  close(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.destroy();
  }

  private read(chunk: Buffer): void {
    if (this.isInHead) {
      const head = this.head === undefined ? chunk : Buffer.concat([this.head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      this.head = end < 0 ? head : undefined;
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      const length = LENGTH.exec(text);
      this.status = Number(text.slice(9, 12));
      this.left = length === null ? -1 : Number(length[1]);
      this.isInHead = false;
      chunk = head.subarray(end + 4);
    }
    if (this.left < 0) this.readChunked(chunk);
    else if ((this.left -= chunk.length) === 0) this.finish();
  }

  /** The bodies of the bench are JSON and its events, in which the bytes of a last chunk never stand. */
  private readChunked(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.lastByte === LINE_FEED && chunk[0] === LINE_FEED) this.events++;
    for (let at = chunk.indexOf('\n\n'); at >= 0; at = chunk.indexOf('\n\n', at + 2)) this.events++;
    this.lastByte = chunk[chunk.length - 1] ?? 0;
    this.tail =
      chunk.length >= LAST_CHUNK.length
        ? chunk.toString('latin1', chunk.length - LAST_CHUNK.length)
        : (this.tail + chunk.toString('latin1')).slice(-LAST_CHUNK.length);
    if (this.tail === LAST_CHUNK) this.finish();
  }

  private finish(): void {
    this.isBusy = false;
    this.onReply(this);
  }

  private lost(socket: Socket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    if (!this.isBusy) return;
    this.status = 0;
    this.finish();
  }
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;
const LAST_CHUNK = '0\r\n\r\n';
const LINE_FEED = 10;
