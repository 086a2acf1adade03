import type { ServerResponse } from 'node:http';

/**
 * Writes a response's body in chunks, each as one buffer: Node would hand the kernel three for each event of a stream (length, event,
 * line break). Where the response is not chunked (HTTP/1.0), bytes go as they are. Call after the head was written.
 */
export class ChunkedBody {
  private readonly isChunked: boolean;

  constructor(private readonly raw: ServerResponse) {
    this.isChunked = raw.chunkedEncoding;
    // From here on the framing is ours.
    raw.chunkedEncoding = false;
  }

  write(bytes: Buffer): boolean {
    if (bytes.length === 0) return !this.raw.writableNeedDrain;
    return this.raw.write(this.isChunked ? chunk(bytes, NOTHING) : bytes);
  }

  end(bytes: Buffer): void {
    if (!this.isChunked) this.raw.end(bytes);
    else this.raw.end(bytes.length === 0 ? LAST_CHUNK : chunk(bytes, LAST_CHUNK));
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
