import { isUtf8 } from 'node:buffer';
import { ownCopy } from '../own-copy.js';

/**
 * Most events of a stream differ in nothing but the text that they bring. Remembers the bytes around the text of one that was read whole: one with
 * the same bytes around other plain text means the same, and need not be read as JSON. What is no such event costs two comparisons, and where
 * none ever is (a provider that pads each event at random) it is given up.
 */
export class RepeatedEvent {
  private before: Buffer = NOTHING;
  private after: Buffer = NOTHING;
  private learntInVain = 0;

  /** Whether it is worth telling of another event. */
  get learns(): boolean {
    return this.learntInVain < IN_VAIN_MAX;
  }

  /** The event `[start, end)` brings the text `[textStart, textEnd)`, quotes not counted, and nothing else that matters. */
  learn(bytes: Buffer, start: number, end: number, textStart: number, textEnd: number): void {
    this.learntInVain += 1;
    this.before = ownCopy(bytes, start, textStart);
    this.after = ownCopy(bytes, textEnd, end);
  }

  /** Whether the event `[start, end)` is the one that was learnt with another text, which is not empty. */
  isAgain(bytes: Buffer, start: number, end: number): boolean {
    const { before, after } = this;
    const from = start + before.length;
    const to = end - after.length;
    if (before.length === 0 || from >= to) return false;
    if (bytes.compare(before, 0, before.length, start, from) !== 0 || bytes.compare(after, 0, after.length, to, end) !== 0) return false;
    let isAscii = true;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE || byte === BACKSLASH || byte < SPACE) return false;
      if (byte >= 0x80) isAscii = false;
    }
    if (!isAscii && !isUtf8(bytes.subarray(from, to))) return false;
    this.learntInVain = 0;
    return true;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const IN_VAIN_MAX = 8;
