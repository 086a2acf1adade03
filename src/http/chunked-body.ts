import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Writes a response's body in chunks, each as one buffer: Node would hand the kernel three for each event of a stream (length, event,
 * line break). Once the response has begun they go straight to its socket: Node's own way there, which gathers what a turn brings, costs
 * a tenth of a streamed event. Where the response is not chunked (HTTP/1.0), bytes go as they are. Make it after the head was written.
 */
export class ChunkedBody {
  private readonly isChunked: boolean;
  private hasBegun = false;
  private isWaiting = false;

  constructor(
    private readonly raw: ServerResponse,
    /** After a `write` that returned false: there is room again. */
    private readonly onRoom: () => void,
  ) {
    this.isChunked = raw.chunkedEncoding;
    // From here on the framing is ours.
    raw.chunkedEncoding = false;
    raw.on('drain', onRoom);
  }

  /** More was written than the client has read of late. */
  get isFull(): boolean {
    return this.raw.writableNeedDrain || this.isWaiting;
  }

  write(bytes: Buffer): boolean {
    if (bytes.length === 0) return !this.isFull;
    const framed = this.isChunked ? chunk(bytes, NOTHING) : bytes;
    const { socket } = this.raw;
    // Its head goes out with the first of them; a response that others are before has no socket yet.
    if (this.hasBegun && socket !== null) return this.writeTo(socket, framed);
    this.hasBegun = true;
    return this.raw.write(framed);
  }

  end(bytes: Buffer): void {
    if (!this.isChunked) this.raw.end(bytes);
    else this.raw.end(bytes.length === 0 ? LAST_CHUNK : chunk(bytes, LAST_CHUNK));
  }

  private writeTo(socket: Socket, bytes: Buffer): boolean {
    if (socket.destroyed) return false;
    if (socket.write(bytes)) return true;
    if (!this.isWaiting) socket.once('drain', () => this.drained());
    this.isWaiting = true;
    return false;
  }

  private drained(): void {
    this.isWaiting = false;
    this.onRoom();
  }
}

const NOTHING = Buffer.alloc(0);
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

function chunk(bytes: Buffer, after: Buffer): Buffer {
  const length = bytes.length.toString(16);
  const framed = Buffer.allocUnsafe(length.length + 2 + bytes.length + 2 + after.length);
  let at = framed.write(length, 0, 'latin1');
  at = CRLF.copy(framed, at) + at;
  at = bytes.copy(framed, at) + at;
  at = CRLF.copy(framed, at) + at;
  after.copy(framed, at);
  return framed;
}

const CRLF = Buffer.from('\r\n');
