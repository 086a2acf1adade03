import { isUtf8 } from 'node:buffer';
import { keptBytes } from '../kept-bytes.js';

/**
 * Most events of a stream differ in nothing but the text that they bring. Remembers the bytes around the text of one that was read whole: one with
 * the same bytes around other plain text means the same, and need not be read as JSON. What is no such event costs two comparisons, and where
 * none ever is (a provider that pads each event at random) it is given up.
 */
export class RepeatedEvent {
  /** What stands before the text, and from `split` on what stands behind it. */
  private around: Buffer = NOTHING;
  private split = 0;
  private learntInVain = 0;

  /** Whether it is worth telling of another event. */
  get learns(): boolean {
    return this.learntInVain < IN_VAIN_MAX;
  }

  /** The event `[start, end)` brings the text `[textStart, textEnd)`, quotes not counted, and nothing else that matters. */
  learn(bytes: Buffer, start: number, end: number, textStart: number, textEnd: number): void {
    // It was no repetition for its text alone, as one with a line break is none.
    if (textStart - start === this.split && end - textEnd === this.around.length - this.split && this.isAround(bytes, start, textStart, textEnd, end))
      return;
    this.learntInVain += 1;
    this.split = textStart - start;
    this.around = keptBytes([bytes.subarray(start, textStart), bytes.subarray(textEnd, end)]);
  }

  /** Whether the event `[start, end)` is the one that was learnt with another text, which is not empty. */
  isAgain(bytes: Buffer, start: number, end: number): boolean {
    const { around, split } = this;
    const from = start + split;
    const to = end - around.length + split;
    if (split === 0 || from >= to || !this.isAround(bytes, start, from, to, end)) return false;
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

  private isAround(bytes: Buffer, start: number, textStart: number, textEnd: number, end: number): boolean {
    const { around, split } = this;
    return bytes.compare(around, 0, split, start, textStart) === 0 && bytes.compare(around, split, around.length, textEnd, end) === 0;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const IN_VAIN_MAX = 8;
