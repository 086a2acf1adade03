import { crc32 } from 'node:zlib';

/** One message of an AWS event stream. */
export interface EventStreamFrame {
  /** Headers that are texts, by name: `:message-type`, `:event-type`, `:exception-type`. */
  readonly headers: ReadonlyMap<string, string>;
  /** Good until the next bytes are taken. */
  readonly payload: Buffer;
}

/** Why what follows cannot be told apart any more. */
export type EventStreamFault = 'checksum' | 'shape' | 'size';

/**
 * Cuts bytes into the messages of `application/vnd.amazon.eventstream`, however they are sliced. A message: its length and that of its headers
 * (4 bytes each), the checksum of both, headers, payload, the checksum of all before. Never throws: after a fault there is no next message.
 */
export class EventStreamFrames {
  fault: EventStreamFault | undefined;
  private bytes: Buffer = Buffer.allocUnsafe(BYTES_MIN);
  private start = 0;
  private end = 0;

  constructor(private readonly payloadBytesMax: number) {}

  /** The chunk is copied. */
  take(chunk: Buffer): void {
    if (this.fault !== undefined) return;
    const needed = this.end - this.start + chunk.length;
    if (this.end + chunk.length > this.bytes.length) {
      const larger = needed > this.bytes.length ? Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2)) : this.bytes;
      this.bytes.copy(larger, 0, this.start, this.end);
      this.bytes = larger;
      this.end -= this.start;
      this.start = 0;
    }
    chunk.copy(this.bytes, this.end);
    this.end += chunk.length;
  }

  /** undefined: the rest of it is still to come, or there was a fault. */
  next(): EventStreamFrame | undefined {
    const { bytes, start } = this;
    const held = this.end - start;
    if (this.fault !== undefined || held < PRELUDE) return undefined;
    if (crc32(bytes.subarray(start, start + 8)) !== bytes.readUInt32BE(start + 8)) return this.broken('checksum');
    const length = bytes.readUInt32BE(start);
    const headersEnd = PRELUDE + bytes.readUInt32BE(start + 4);
    if (length < headersEnd + CHECKSUM) return this.broken('shape');
    if (headersEnd > HEADERS_MAX || length - headersEnd - CHECKSUM > this.payloadBytesMax) return this.broken('size');
    if (held < length) return undefined;
    const end = start + length - CHECKSUM;
    if (crc32(bytes.subarray(start, end)) !== bytes.readUInt32BE(end)) return this.broken('checksum');
    const headers = headersOf(bytes.subarray(start + PRELUDE, start + headersEnd));
    if (headers === undefined) return this.broken('shape');
    this.start += length;
    return { headers, payload: bytes.subarray(start + headersEnd, end) };
  }

  private broken(fault: EventStreamFault): undefined {
    this.fault = fault;
  }
}

const PRELUDE = 12;
const CHECKSUM = 4;
const BYTES_MIN = 4_096;
/** What the format allows. */
const HEADERS_MAX = 128 * 1_024;
const TEXT = 7;
/** Bytes of a value by its type: true, false, byte, short, integer, long; 6 and 7 tell their own length; a time, a UUID. */
const SIZES: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16];

function headersOf(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const type = bytes[nameEnd];
    if (type === undefined || type >= SIZES.length) return undefined;
    const size = SIZES[type];
    if (size === undefined && nameEnd + 3 > bytes.length) return undefined;
    const valueStart = nameEnd + (size === undefined ? 3 : 1);
    const valueEnd = valueStart + (size ?? bytes.readUInt16BE(nameEnd + 1));
    if (valueEnd > bytes.length) return undefined;
    if (type === TEXT) headers.set(bytes.toString('latin1', at + 1, nameEnd), bytes.toString('utf8', valueStart, valueEnd));
    at = valueEnd;
  }
  return headers;
}
