/**
 * Reads the first bytes of a reply before undici does, and changes three things in place. A `100 Continue` that nobody asked for is
 * legal, yet undici ends the connection at it: it is renamed 102, which undici tells like any other informational answer. And what
 * does not begin with `HTTP/1.` (RTSP would do for undici) is made unreadable. So is a status line without end, which undici would
 * read for ever: it counts the bytes of headers alone.
 */
export class InterimHeads {
  private state: 'status' | 'reason' | 'fields' | 'over' = 'over';
  /** In `status` the place in the status line; in `reason` the place after the status; in `fields` how much of the empty line has been seen. */
  private at = 0;
  private isInterim = false;

  /** A request is being sent: what comes next begins with a status line. */
  expectReply(): void {
    this.state = 'status';
    this.at = 0;
  }

  read(chunk: Buffer): void {
    for (let index = 0; index < chunk.length && this.state !== 'over'; index++) {
      if (this.state === 'status') this.statusByte(chunk, index);
      else if (this.state === 'reason') this.reasonByte(chunk, index);
      else this.fieldByte(chunk[index]);
    }
  }

  private statusByte(chunk: Buffer, index: number): void {
    const byte = chunk[index];
    if (this.at < VERSION.length) {
      if (byte === VERSION[this.at]) this.at++;
      // Empty lines before a head are tolerated, as undici does.
      else if (this.at > 0 || (byte !== CR && byte !== LF)) {
        chunk[index] = 0;
        this.state = 'over';
      }
    } else if (this.at === HUNDREDS && byte !== ONE) this.skipReason(false);
    else if (this.at === HUNDREDS + 1 && byte !== ZERO) this.skipReason(true);
    else if (this.at === HUNDREDS + 2) {
      if (byte === ZERO) chunk[index] = TWO;
      this.skipReason(true);
    } else this.at++;
  }

  private skipReason(isInterim: boolean): void {
    this.state = 'reason';
    this.at = 0;
    this.isInterim = isInterim;
  }

  private reasonByte(chunk: Buffer, index: number): void {
    if (chunk[index] === LF) {
      this.state = this.isInterim ? 'fields' : 'over';
      this.at = HALF_EMPTY_LINE;
    } else if (++this.at > REASON_BYTES_MAX) {
      // A carriage return without its line feed.
      chunk[index] = CR;
      this.state = 'over';
    }
  }

  private fieldByte(byte: number | undefined): void {
    if (byte === (this.at % 2 === 0 ? CR : LF)) this.at++;
    else this.at = byte === CR ? 1 : 0;
    if (this.at === 4) this.expectReply();
  }
}

const VERSION = Buffer.from('HTTP/1.');
/** Offset of the status in `HTTP/1.1 100`. */
const HUNDREDS = 9;
const REASON_BYTES_MAX = 1_024;
/** The line end that the status line shares with the empty line after it. */
const HALF_EMPTY_LINE = 2;
const ZERO = 0x30;
const ONE = 0x31;
const TWO = 0x32;
const CR = 0x0d;
const LF = 0x0a;
