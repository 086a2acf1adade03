import { write, writeSync } from 'node:fs';

/** Writes of at most so many bytes reach a pipe undivided, so that lines of several workers never run into each other. */
const WRITE_BYTES_MAX = 4096;
/** What may wait for a reader that is slow, or a disk that is full; further lines are dropped and counted. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024;
/** A line waits at most so long for company. */
const LINGER_MS = 50;
const RETRY_MS = 50;
/** At the end of the process: what a reader has not taken by then is lost. */
const LAST_WORDS_MS = 1000;

interface Chunk {
  text: string;
  bytes: number;
  lines: number;
}

/** The two calls of `node:fs` that are needed, for tests to stand in. */
export interface FileWrites {
  write(fd: number, data: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void): void;
  writeSync(fd: number, data: Buffer): number;
}

const files: FileWrites = { write: (fd, data, done) => write(fd, data, done), writeSync: (fd, data) => writeSync(fd, data) };

/**
 * Where log lines go: gathered, written in whole lines, never waited for. A full disk or a slow reader costs lines, which are counted;
 * a reader that is gone costs all further ones; nothing throws. `close` writes what is left; a process that ends without it still tries, for a second.
 */
export class LogDestination {
  /** Lines that were never written. */
  dropped = 0;
  private readonly waiting: Chunk[] = [];
  private waitingBytes = 0;
  private isWriting = false;
  private isBroken = false;
  /** The last line on the other side was cut off in its middle. */
  private endsInside = false;
  /** What the other side could not take just now, until it is tried again. */
  private refused: Buffer | undefined;
  private timer: NodeJS.Timeout | undefined;
  private idle: (() => void)[] = [];
  private readonly onExit = (): void => this.flushSync();

  constructor(
    private readonly fd = 1,
    private readonly fs: FileWrites = files,
  ) {
    process.on('exit', this.onExit);
  }

  /** One or more whole lines, each with its line break. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.isBroken || this.waitingBytes + bytes > WAITING_BYTES_MAX) {
      this.dropped++;
      return;
    }
    this.waitingBytes += bytes;
    const last = this.waiting[this.waiting.length - 1];
    if (last === undefined || last.bytes + bytes > WRITE_BYTES_MAX) this.waiting.push({ text: line, bytes, lines: 1 });
    else {
      last.text += line;
      last.bytes += bytes;
      last.lines++;
    }
    if (this.isWriting) return;
    if (this.waiting.length > 1) this.writeNext();
    else this.timer ??= setTimeout(() => this.writeNext(), LINGER_MS).unref();
  }

  /** Resolves when everything is written, or lost, but not later than after a second. */
  async flush(): Promise<void> {
    if (!this.isWriting) this.writeNext();
    if (!this.isWriting && this.waiting.length === 0) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, LAST_WORDS_MS);
      this.idle.push(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.timer);
    process.off('exit', this.onExit);
  }

  private writeNext(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const chunk = this.waiting.shift();
    this.isWriting = chunk !== undefined;
    if (chunk !== undefined) return this.send(chunk, this.bytesOf(chunk));
    for (const tell of this.idle.splice(0)) tell();
  }

  private send(chunk: Chunk, data: Buffer): void {
    this.fs.write(this.fd, data, (error, written) => {
      if (error === null) {
        const rest = data.subarray(written);
        if (rest.length > 0) return this.send(chunk, rest);
        this.endsInside = false;
      } else {
        if (isBusy(error)) return this.sendLater(chunk, data);
        this.lose(chunk, data, error);
      }
      this.waitingBytes -= chunk.bytes;
      this.writeNext();
    });
  }

  private sendLater(chunk: Chunk, data: Buffer): void {
    this.refused = data;
    setTimeout(() => {
      this.refused = undefined;
      this.send(chunk, data);
    }, RETRY_MS).unref();
  }

  private bytesOf({ text }: Chunk): Buffer {
    return Buffer.from(this.endsInside ? `\n${text}` : text);
  }

  private lose(chunk: Chunk, unwritten: Buffer, error: NodeJS.ErrnoException): void {
    this.dropped += chunk.lines;
    if (unwritten.length < chunk.bytes) this.endsInside = true;
    if (error.code !== 'EPIPE' && error.code !== 'EBADF') return;
    this.isBroken = true;
    for (const { lines } of this.waiting.splice(0)) this.dropped += lines;
    this.waitingBytes = 0;
  }

  /** The event loop is gone: what a write in flight holds is written by the runtime, the rest here. */
  private flushSync(): void {
    const until = performance.now() + LAST_WORDS_MS;
    if (this.refused !== undefined && !this.sendSync(this.refused, until)) return;
    for (let chunk = this.waiting.shift(); chunk !== undefined; chunk = this.waiting.shift()) {
      if (!this.sendSync(this.bytesOf(chunk), until)) return;
      this.endsInside = false;
    }
  }

  private sendSync(data: Buffer, until: number): boolean {
    for (let rest = data; rest.length > 0;) {
      try {
        rest = rest.subarray(this.fs.writeSync(this.fd, rest));
      } catch (error) {
        if (!isBusy(error as NodeJS.ErrnoException) || performance.now() > until) return false;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
    return true;
  }
}

function isBusy({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EAGAIN' || code === 'EBUSY' || code === 'EINTR';
}
