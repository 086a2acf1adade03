/**
 * Cuts the bytes of an event stream into events, however they are sliced, and tells of each which bytes it spans, so that it can be handed on
 * as it came. `take` a chunk, then `next` until it returns false; what is no whole event yet is kept for the chunk to come. Linear in the
 * bytes: none is looked at twice, however thin the slices. A comment between events is told by itself, as soon as its line ends.
 */
export class SseReader {
  /** What the event lies in: the very chunk that was taken, or bytes that belong to nobody else. */
  bytes: Buffer = EMPTY;
  /** The event with the blank line that ends it: `[start, end)`. */
  start = 0;
  end = 0;
  /** The `event:` field; empty when there was none. */
  name = '';
  /** A comment line. Neither this nor `hasData`: an event without data, or a blank line. */
  isComment = false;
  /** An event was longer than the limit: nothing more will be read. */
  isOverLimit = false;
  /** Where the value of the first `data:` line stands, after `start`; -1: there is none. */
  private firstAt = -1;
  private firstEnd = 0;
  /** The same of further ones, which few events have: pairs of start and end. */
  private furtherAt: number[] | undefined;
  /** Our own memory, which `bytes` is the filled part of, with room for more; undefined while `bytes` is the chunk. */
  private room: Buffer | undefined;
  /** In `bytes`: the next LF and CR that are known of, -1 before they were looked for, Infinity when there is none. */
  private lfAt = -1;
  private crAt = -1;
  /** After `start`: where the line that is being read begins, and how far it was looked through. */
  private lineAt = 0;
  private seenTo = 0;
  private hasFields = false;
  private isPartial = false;
  private isFirstLine = true;
  /** The last line ended in a CR at the end of its chunk: an LF that follows belongs to it. */
  private endedInCr = false;

  constructor(private readonly eventBytesMax: number) {}

  take(chunk: Buffer): void {
    this.lfAt = this.crAt = -1;
    if (this.isPartial) return this.append(chunk);
    this.bytes = chunk;
    this.room = undefined;
    this.end = 0;
  }

  /** Moves on to the next whole event. */
  next(): boolean {
    if (this.isOverLimit) return false;
    if (!this.isPartial) this.begin();
    const { bytes } = this;
    const limit = bytes.length;
    for (;;) {
      if (this.endedInCr && this.start + this.lineAt < limit) {
        this.endedInCr = false;
        if (bytes[this.start + this.lineAt] === LF) {
          this.lineAt = this.seenTo = this.lineAt + 1;
          if (this.lineAt === 1 && !this.hasFields) return this.finish(1);
        }
      }
      const lineEnd = this.endOfLine(this.start + this.seenTo);
      if (lineEnd < 0) return this.keep();
      if (this.isFirstLine) this.dropByteOrderMark();
      let after = lineEnd + 1;
      if (bytes[lineEnd] === CR) {
        if (after === limit) this.endedInCr = true;
        else if (bytes[after] === LF) after += 1;
      }
      const lineStart = this.start + this.lineAt;
      if (lineEnd === lineStart) return this.finish(after - this.start);
      if (bytes[lineStart] === COLON && !this.hasFields) {
        this.isComment = true;
        return this.finish(after - this.start);
      }
      this.field(lineStart, lineEnd);
      this.hasFields = true;
      this.lineAt = this.seenTo = after - this.start;
    }
  }

  /** Bytes are kept that are no whole event yet. */
  get hasPending(): boolean {
    return this.isPartial && !this.isOverLimit;
  }

  /** The next chunk begins with an event. */
  get isBetweenEvents(): boolean {
    return !this.isPartial && !this.endedInCr && !this.isOverLimit;
  }

  get hasData(): boolean {
    return this.firstAt >= 0;
  }

  /** Where the data stands in `bytes`, when it is one line. */
  get dataStart(): number | undefined {
    return this.firstAt >= 0 && this.furtherAt === undefined ? this.start + this.firstAt : undefined;
  }

  get dataEnd(): number {
    return this.start + (this.furtherAt?.at(-1) ?? this.firstEnd);
  }

  /** The data; lines are joined by a line feed. */
  data(): string {
    const { bytes, start, firstAt, firstEnd, furtherAt } = this;
    let text = firstAt < 0 ? '' : bytes.toString('utf8', start + firstAt, start + firstEnd);
    if (furtherAt === undefined) return text;
    for (let i = 0; i < furtherAt.length; i += 2)
      text += `\n${bytes.toString('utf8', start + (furtherAt[i] as number), start + (furtherAt[i + 1] as number))}`;
    return text;
  }

  private begin(): void {
    this.start = this.end;
    this.lineAt = this.seenTo = 0;
    this.hasFields = this.isComment = false;
    this.name = '';
    this.firstAt = -1;
    this.firstEnd = 0;
    this.furtherAt = undefined;
  }

  private finish(length: number): boolean {
    this.isPartial = false;
    this.end = this.start + length;
    if (length > this.eventBytesMax) this.isOverLimit = true;
    return !this.isOverLimit;
  }

  /** No whole event: what is left is copied to where the next chunk can follow it. */
  private keep(): false {
    const left = this.bytes.length - this.start;
    this.seenTo = left;
    this.isPartial = left > 0;
    if (left > this.eventBytesMax) this.isOverLimit = true;
    if (!this.isPartial) {
      // A stream may be silent for long, and would keep the chunk meanwhile, with the page of memory that it lies in.
      this.bytes = EMPTY;
      this.start = this.end = 0;
    } else if (this.room === undefined || this.start > 0) {
      // A new room each time: what was told of the old one may still be read, and would otherwise be kept for as long as the stream lasts.
      this.room = Buffer.allocUnsafe(Math.max(left * 2, ROOM_BYTES_MIN));
      this.bytes.copy(this.room, 0, this.start);
      this.bytes = this.room.subarray(0, left);
      this.start = 0;
    }
    return false;
  }

  private append(chunk: Buffer): void {
    if (this.isOverLimit || this.room === undefined) return;
    const before = this.bytes.length;
    const length = before + chunk.length;
    if (length > this.room.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.room.length * 2));
      this.bytes.copy(larger);
      this.room = larger;
    }
    if (chunk.length === 1) this.room[before] = chunk[0] as number;
    else chunk.copy(this.room, before);
    this.bytes = this.room.subarray(0, length);
  }

  private field(lineStart: number, lineEnd: number): void {
    const { bytes } = this;
    const first = bytes[lineStart];
    if (first === 0x64 && bytes[lineStart + 1] === 0x61 && bytes[lineStart + 2] === 0x74 && bytes[lineStart + 3] === 0x61) {
      let at = lineStart + 4;
      if (at < lineEnd && bytes[at] !== COLON) return;
      if (at < lineEnd) at += 1;
      if (at < lineEnd && bytes[at] === SPACE) at += 1;
      this.dataLine(at - this.start, lineEnd - this.start);
    } else if (first === 0x65) {
      const line = bytes.toString('utf8', lineStart, lineEnd);
      if (line.startsWith('event:')) this.name = line.slice(line[6] === ' ' ? 7 : 6);
    }
  }

  private dataLine(at: number, end: number): void {
    if (this.firstAt >= 0) return void (this.furtherAt ??= []).push(at, end);
    this.firstAt = at;
    this.firstEnd = end;
  }

  private dropByteOrderMark(): void {
    this.isFirstLine = false;
    const { bytes, start } = this;
    if (bytes[start] !== 0xef || bytes[start + 1] !== 0xbb || bytes[start + 2] !== 0xbf) return;
    this.start += 3;
  }

  /** The offset of the first CR or LF, or -1. Short lines are looked through here, long ones natively. */
  private endOfLine(from: number): number {
    const { bytes } = this;
    const near = from + NEAR_BYTES < bytes.length ? from + NEAR_BYTES : bytes.length;
    for (let at = from; at < near; at++) {
      const byte = bytes[at];
      if (byte === LF || byte === CR) return at;
    }
    if (near === bytes.length) return -1;
    if (this.lfAt < near) this.lfAt = found(bytes.indexOf(LF, near));
    if (this.crAt < near) this.crAt = found(bytes.indexOf(CR, near));
    const first = this.lfAt < this.crAt ? this.lfAt : this.crAt;
    return first === Infinity ? -1 : first;
  }
}

const EMPTY = Buffer.alloc(0);
const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const ROOM_BYTES_MIN = 1024;
const NEAR_BYTES = 32;

function found(at: number): number {
  return at < 0 ? Infinity : at;
}
