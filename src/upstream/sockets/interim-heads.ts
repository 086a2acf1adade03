/**
 * Reads the first bytes of a reply before undici does, and changes two things in place. A `100 Continue` that nobody asked for is
 * legal, yet undici ends the connection at it: it is renamed 102, which undici tells like any other informational answer. And what
 * does not begin with `HTTP/1.` (RTSP would do for undici) is made unreadable.
 */
export class InterimHeads {
  private state: 'status' | 'fields' | 'over' = 'over';
  /** In `status` the place in the status line; in `fields` how much of the empty line has been seen. */
  private at = 0;

  /** A request is being sent: what comes next begins with a status line. */
  expectReply(): void {
    this.state = 'status';
    this.at = 0;
  }

  read(chunk: Buffer): void {
    for (let index = 0; index < chunk.length && this.state !== 'over'; index++) {
      if (this.state === 'status') this.statusByte(chunk, index);
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
    } else if (this.at === HUNDREDS && byte !== ONE) this.state = 'over';
    else if (this.at === HUNDREDS + 1 && byte !== ZERO) this.skipFields();
    else if (this.at === HUNDREDS + 2) {
      if (byte === ZERO) chunk[index] = TWO;
      this.skipFields();
    } else this.at++;
  }

  private skipFields(): void {
    this.state = 'fields';
    this.at = 0;
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
const ZERO = 0x30;
const ONE = 0x31;
const TWO = 0x32;
const CR = 0x0d;
const LF = 0x0a;
