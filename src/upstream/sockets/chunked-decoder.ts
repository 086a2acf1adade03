type State = 'size' | 'extension' | 'size end' | 'data' | 'data return' | 'data end' | 'trailer' | 'trailer end' | 'complete' | 'broken';

/** Takes the framing off one chunked body, however it is sliced. What is announced but not sent costs no memory. */
export class ChunkedDecoder {
  private state: State = 'size';
  /** Of the chunk that is being read, the bytes that are still to come. */
  private left = 0;
  private digits = 0;
  /** Bytes of the extension or of all trailers so far. */
  private extra = 0;
  private isEmptyLine = true;
  private data: Buffer = EMPTY;

  get isComplete(): boolean {
    return this.state === 'complete';
  }

  /** What follows is no chunk. */
  get isBroken(): boolean {
    return this.state === 'broken';
  }

  /** What the last `read` brought, once; empty if it was framing alone. */
  take(): Buffer {
    const { data } = this;
    // The next chunk may come late, and memory that nobody reads any more is not kept for it.
    this.data = EMPTY;
    return data;
  }

  /** Reads on from there, and answers how far it came: to the end of the bytes, or of the body, or to where it is broken. */
  read(bytes: Buffer, from: number, to: number): number {
    let at = from;
    let filled = 0;
    let data = EMPTY;
    while (at < to && this.state !== 'complete' && this.state !== 'broken') {
      if (this.state !== 'data') {
        this.framing(bytes[at++] as number);
        continue;
      }
      const length = Math.min(this.left, to - at);
      if (filled === 0) data = Buffer.allocUnsafe(to - at);
      filled += bytes.copy(data, filled, at, at + length);
      at += length;
      this.left -= length;
      if (this.left === 0) this.state = 'data return';
    }
    this.data = filled === data.length ? data : data.subarray(0, filled);
    return at;
  }

  private framing(byte: number): void {
    switch (this.state) {
      case 'size':
        return this.sizeByte(byte);
      case 'extension':
        if (byte === CR) this.state = 'size end';
        else this.skip(byte);
        return;
      case 'size end':
        this.expect(byte, LF, this.left > 0 ? 'data' : 'trailer');
        this.isEmptyLine = true;
        this.extra = 0;
        return;
      case 'data return':
        return this.expect(byte, CR, 'data end');
      case 'data end':
        this.digits = 0;
        return this.expect(byte, LF, 'size');
      case 'trailer':
        if (byte === CR) this.state = 'trailer end';
        else {
          this.isEmptyLine = false;
          this.skip(byte);
        }
        return;
      case 'trailer end':
        this.expect(byte, LF, this.isEmptyLine ? 'complete' : 'trailer');
        this.isEmptyLine = true;
        return;
      case 'data':
      case 'complete':
      case 'broken':
        return;
    }
  }

  private sizeByte(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.left = this.left * 16 + digit;
      if (++this.digits > DIGITS_MAX) this.state = 'broken';
    } else if (this.digits === 0) this.state = 'broken';
    else if (byte === CR) this.state = 'size end';
    else if (byte === SEMICOLON || byte === SPACE || byte === TAB) this.state = 'extension';
    else this.state = 'broken';
  }

  private expect(byte: number, wanted: number, next: State): void {
    this.state = byte === wanted ? next : 'broken';
  }

  private skip(byte: number): void {
    if (++this.extra > EXTRA_BYTES_MAX || byte === LF || byte === 0) this.state = 'broken';
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

const EMPTY = Buffer.alloc(0);
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const SEMICOLON = 0x3b;
/** 2^48 bytes. */
const DIGITS_MAX = 12;
const EXTRA_BYTES_MAX = 64 * 1024;
