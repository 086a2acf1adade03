import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Writes of at most so many bytes reach a pipe undivided, so that lines of several workers never run into each other. */
const WRITE_BYTES_MAX = 4096;
/** What may wait for a reader that is slow; further lines are dropped and counted. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024;
/** A line waits at most so long for company. */
const LINGER_MS = 50;
const RETRY_MS = 10;
/** At the end: a reader that takes nothing for so long has lost the rest, and so has one that takes it too slowly altogether. */
const STALLED_MS = 1000;
const LAST_WORDS_MS = 5000;

interface Chunk {
  text: string;
  bytes: number;
  lines: number;
}

/**
 * Where log lines go: gathered, and written as whole lines. Writing never waits: a slow reader or a full disk costs lines, which are
 * counted, and a reader that is gone costs all further ones. Nothing throws. `close` writes what is left; a process that ends without it
 * still tries.
 */
export class LogDestination {
  private waiting: Chunk[] = [];
  private waitingBytes = 0;
  /** The unwritten part of the first chunk, once a part of it is written. */
  private rest: Buffer | undefined;
  private lost = 0;
  private isBusy = false;
  private isBroken = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly fd: number;
  private readonly onExit = (): void => this.lastWords();

  constructor(
    private readonly stdout = 1,
    private readonly writeNow: (fd: number, data: Buffer) => number = writeSync,
  ) {
    this.fd = openedAgain(stdout) ?? stdout;
    // Nothing is written through it, but an error that nobody hears would end the process.
    if (this.fd === 1) process.stdout.on('error', () => undefined);
    process.on('exit', this.onExit);
  }

  /** Lines that were never written. */
  get dropped(): number {
    return this.lost;
  }

  /** A whole line, with its line break. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.isBroken || this.waitingBytes + bytes > WAITING_BYTES_MAX) {
      this.lost++;
      return;
    }
    this.waitingBytes += bytes;
    const last = this.waiting[this.waiting.length - 1];
    if (last === undefined || last.bytes + bytes > WRITE_BYTES_MAX || (this.rest !== undefined && this.waiting.length === 1))
      this.waiting.push({ text: line, bytes, lines: 1 });
    else {
      last.text += line;
      last.bytes += bytes;
      last.lines++;
    }
    if (!this.isBusy && this.waiting.length > 1) this.writeWaiting();
    this.timer ??= setTimeout(this.onTimer, LINGER_MS).unref();
  }

  /** Resolves when everything is written or lost; a reader that stands still holds it up for a second. */
  async flush(): Promise<void> {
    const isWorthWaiting = this.patience();
    for (this.writeWaiting(); isWorthWaiting(); this.writeWaiting()) await wait(RETRY_MS);
  }

  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.timer);
    process.off('exit', this.onExit);
    this.isBroken = true;
    if (this.fd !== this.stdout) closeSync(this.fd);
  }

  private readonly onTimer = (): void => {
    this.timer = undefined;
    this.writeWaiting();
    if (this.isBusy) this.timer = setTimeout(this.onTimer, RETRY_MS).unref();
  };

  private writeWaiting(): void {
    this.isBusy = false;
    if (this.fd === this.stdout) unwait(this.fd);
    for (let chunk = this.waiting[0]; chunk !== undefined; chunk = this.waiting[0]) {
      try {
        const data = this.rest ?? Buffer.from(chunk.text);
        const written = this.writeNow(this.fd, data);
        if (written < data.length) {
          this.rest = data.subarray(written);
          continue;
        }
        this.rest = undefined;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN' || code === 'EBUSY' || code === 'EINTR') {
          this.isBusy = true;
          return;
        }
        this.lose(chunk, code);
      }
      this.waiting.shift();
      this.waitingBytes -= chunk.bytes;
    }
  }

  private lose(chunk: Chunk, code: string | undefined): void {
    this.lost += chunk.lines;
    // A line was cut off in its middle: the next one must not go on where it ended.
    if (this.rest !== undefined && this.waiting[1] !== undefined) this.waiting[1].text = `\n${this.waiting[1].text}`;
    else if (this.rest !== undefined) this.waiting.push({ text: '\n', bytes: 0, lines: 0 });
    this.rest = undefined;
    if (code !== 'EPIPE' && code !== 'EBADF') return;
    this.isBroken = true;
    for (const { lines } of this.waiting.splice(1)) this.lost += lines;
  }

  /** The event loop has ended: only here a reader that is slow is waited for. */
  private lastWords(): void {
    const isWorthWaiting = this.patience();
    for (this.writeWaiting(); isWorthWaiting(); this.writeWaiting()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
  }

  private patience(): () => boolean {
    const startedAt = performance.now();
    let movedAt = startedAt;
    let left = this.waiting.length;
    return () => {
      const now = performance.now();
      if (this.waiting.length !== left) movedAt = now;
      left = this.waiting.length;
      return left > 0 && now - movedAt < STALLED_MS && now - startedAt < LAST_WORDS_MS;
    };
  }
}

/**
 * The same pipe or file, opened once more so that a write it cannot take fails at once; the one we were given may be shared with
 * whoever started us, and stays as it is. Where that cannot be had (sockets, other systems): undefined.
 */
function openedAgain(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** A stream of Node's own, of which more is known than its type says. */
interface Unwaiting {
  readonly _handle?: { readonly setBlocking?: (blocking: boolean) => unknown } | null;
}

/**
 * A socket, as journald and Node's own `spawn` give, is made unwaiting as Node does it, and is again as it was when the process ends.
 * A worker that ends does that for all who share it, so it is said anew before each writing.
 */
function unwait(fd: number): void {
  if (fd === 1) (process.stdout as Unwaiting)._handle?.setBlocking?.(false);
}
