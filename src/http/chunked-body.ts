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
  const { length } = bytes;
  let digits = 1;
  for (let rest = length >>> 4; rest > 0; rest >>>= 4) digits += 1;
  const framed = Buffer.allocUnsafe(digits + length + after.length + 4);
  // Byte by byte: a call for each few of them would cost more than the copy of an event.
  for (let at = digits - 1, rest = length; at >= 0; at--, rest >>>= 4) framed[at] = HEX_DIGITS[rest & 15] as number;
  framed[digits] = CR;
  framed[digits + 1] = LF;
  bytes.copy(framed, digits + 2);
  framed[digits + length + 2] = CR;
  framed[digits + length + 3] = LF;
  if (after.length > 0) after.copy(framed, digits + length + 4);
  return framed;
}

const CR = 0x0d;
const LF = 0x0a;
const HEX_DIGITS = Buffer.from('0123456789abcdef');
