import { ChunkedDecoder } from './chunked-decoder.js';
import { HttpFault } from './http-fault.js';
import { type ReplyHead, readReplyHead } from './reply-head.js';

/** Hears one reply: its head once, of each read what there is of its body, and its end. May stop the reader from within each. */
export interface ReplyListener {
  replyHead(head: ReplyHead): void;
  /** `chunk` is the listener's to keep. */
  replyData(chunk: Buffer): void;
  replyEnd(): void;
}

/**
 * Reads HTTP/1.1 replies off one connection, one after the other. Informational answers are read over. Bytes are copied once, and only
 * those of a body. `read` throws an `HttpFault` where the rest cannot be read any more.
 */
export class ReplyReader {
  private state: 'none' | 'head' | 'counted' | 'chunked' | 'until close' = 'none';
  /** Beginning of a head that did not come in one piece. */
  private begun: Buffer = EMPTY;
  private begunBytes = 0;
  private left = 0;
  private chunks: ChunkedDecoder | undefined;
  private interimAnswers = 0;
  private idle = 0;
  /** More came than belongs to the reply. */
  isOverfull = false;

  constructor(private readonly listener: ReplyListener) {}

  /** How long the connection may be idle after this reply, milliseconds; 0: it may not serve again. */
  get idleMs(): number {
    return this.isOverfull ? 0 : this.idle;
  }

  /** A request is being sent. */
  expectReply(): void {
    this.state = 'head';
    this.begunBytes = 0;
    this.interimAnswers = 0;
    this.idle = 0;
  }

  /** Nobody listens any more. */
  stop(): void {
    this.state = 'none';
    this.begun = EMPTY;
  }

  /** The first `length` bytes, which are valid during the call alone. */
  read(bytes: Buffer, length: number): void {
    let at = 0;
    while (at < length) {
      switch (this.state) {
        case 'head':
          at = this.readHead(bytes, at, length);
          break;
        case 'counted':
          at = this.readCounted(bytes, at, length);
          break;
        case 'chunked':
          at = this.readChunks(bytes, at, length);
          break;
        case 'until close':
          this.listener.replyData(copied(bytes, at, length));
          return;
        case 'none':
          return;
      }
    }
  }

  /** The server has closed its side. Answers whether that was the end of the reply. */
  endByClose(): boolean {
    if (this.state !== 'until close') return false;
    this.state = 'none';
    this.listener.replyEnd();
    return true;
  }

  private readHead(bytes: Buffer, from: number, to: number): number {
    let at = from;
    // Empty lines before a head are tolerated.
    while (this.begunBytes === 0 && at < to && (bytes[at] === CR || bytes[at] === LF)) at++;
    if (this.begunBytes > 0) return this.readMoreOfHead(bytes, at, to);
    if (!isHttp(bytes, at, to)) throw new HttpFault();
    const end = bytes.indexOf(EMPTY_LINE, at);
    if (end < 0 || end > to - EMPTY_LINE.length) {
      this.keep(bytes, at, to);
      return to;
    }
    if (end - at > HEAD_BYTES_MAX) throw tooLong();
    const next = end + EMPTY_LINE.length;
    this.headRead(readReplyHead(bytes.toString('latin1', at, end)), next === to);
    return next;
  }

  /** What follows the head in the same read may be of any size and kind: it is not looked at as if it were head. */
  private readMoreOfHead(bytes: Buffer, from: number, to: number): number {
    const next = this.endOfHead(bytes, from, to);
    this.keep(bytes, from, next ?? to);
    if (next === undefined) return to;
    const text = this.begun.toString('latin1', 0, this.begunBytes - EMPTY_LINE.length);
    this.begun = EMPTY;
    this.begunBytes = 0;
    this.headRead(readReplyHead(text), next === to);
    return next;
  }

  /** Where what has begun ends; the empty line itself may have come in parts. */
  private endOfHead(bytes: Buffer, from: number, to: number): number | undefined {
    for (let parts = EMPTY_LINE.length - 1; parts > 0; parts--) {
      const next = from + EMPTY_LINE.length - parts;
      if (next > to || parts > this.begunBytes) continue;
      const begins = this.begun.compare(EMPTY_LINE, 0, parts, this.begunBytes - parts, this.begunBytes) === 0;
      if (begins && bytes.compare(EMPTY_LINE, parts, EMPTY_LINE.length, from, next) === 0) return next;
    }
    const at = bytes.indexOf(EMPTY_LINE, from);
    return at < 0 || at > to - EMPTY_LINE.length ? undefined : at + EMPTY_LINE.length;
  }

  private keep(bytes: Buffer, from: number, to: number): void {
    const needed = this.begunBytes + to - from;
    if (needed > HEAD_BYTES_MAX) throw tooLong();
    if (needed > this.begun.length) {
      const larger = Buffer.allocUnsafe(needed * 2);
      this.begun.copy(larger, 0, 0, this.begunBytes);
      this.begun = larger;
    }
    bytes.copy(this.begun, this.begunBytes, from, to);
    const before = this.begunBytes;
    this.begunBytes = needed;
    if (!isHttp(this.begun, 0, needed) || hasBareLineFeed(this.begun, before, needed)) throw new HttpFault();
  }

  /** `isAll`: nothing has come after it yet. */
  private headRead(head: ReplyHead, isAll: boolean): void {
    if (head.status === SWITCHING_PROTOCOLS) throw new HttpFault('The upstream switched to another protocol, which it was not asked to.');
    if (head.status < 200) {
      if (++this.interimAnswers > INTERIM_ANSWERS_MAX) throw new HttpFault('The upstream sent one informational answer after another.');
      return;
    }
    this.idle = head.body === 'until close' ? 0 : head.idleMs;
    this.left = typeof head.body === 'number' ? head.body : 0;
    this.state = typeof head.body === 'number' ? 'counted' : head.body;
    if (head.body === 'chunked') this.chunks = new ChunkedDecoder();
    this.listener.replyHead(head);
    if (head.body === 0 && this.state === 'counted') this.complete(isAll);
  }

  private readCounted(bytes: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + this.left);
    this.left -= end - from;
    this.listener.replyData(copied(bytes, from, end));
    if (this.left === 0 && this.state === 'counted') this.complete(end === to);
    return end;
  }

  private readChunks(bytes: Buffer, from: number, to: number): number {
    const chunks = this.chunks as ChunkedDecoder;
    const end = chunks.read(bytes, from, to);
    const data = chunks.take();
    if (data.length > 0) this.listener.replyData(data);
    if (this.state !== 'chunked') return end;
    if (chunks.isBroken) throw new HttpFault('The upstream sent less, or other, than it had announced.');
    if (chunks.isComplete) this.complete(end === to);
    return end;
  }

  private complete(isAll: boolean): void {
    this.state = 'none';
    this.chunks = undefined;
    this.isOverfull = !isAll;
    this.listener.replyEnd();
  }
}

const EMPTY = Buffer.alloc(0);
const EMPTY_LINE = Buffer.from('\r\n\r\n');
const VERSION = Buffer.from('HTTP/1.');
const CR = 0x0d;
const LF = 0x0a;
const HEAD_BYTES_MAX = 64 * 1024;
const INTERIM_ANSWERS_MAX = 20;
const SWITCHING_PROTOCOLS = 101;

/** As far as can be told from what there is. */
function isHttp(bytes: Buffer, from: number, to: number): boolean {
  const length = Math.min(VERSION.length, to - from);
  for (let index = 0; index < length; index++) if (bytes[from + index] !== VERSION[index]) return false;
  return true;
}

/** Lines that end so will not end the head either: nothing is waited for. */
function hasBareLineFeed(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === LF && bytes[at - 1] !== CR) return true;
  return false;
}

function copied(bytes: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafe(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}

function tooLong(): HttpFault {
  return new HttpFault('The upstream sent a head without end.');
}
