import { readFile, stat } from 'node:fs/promises';
import { type Clock, monotonicClock } from '../../contracts/clock.js';

/** A file of the system that changes seldom: looked at once a second at most, and read when it was written. What is made of '' where there is none. */
export class ChangingFile<Value> {
  private value: Value;
  private mark = '';
  private lookedAt = -Infinity;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly path: string,
    private readonly read: (text: string) => Value,
    private readonly clock: Clock = monotonicClock,
  ) {
    this.value = read('');
  }

  async current(): Promise<Value> {
    if (this.clock.now() - this.lookedAt >= LOOKED_AT_EVERY_MS) await (this.looking ??= this.look());
    return this.value;
  }

  private async look(): Promise<void> {
    const found = await stat(this.path).catch(() => undefined);
    const mark = found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`;
    if (mark !== this.mark) this.value = this.read(await readFile(this.path, 'utf8').catch(() => ''));
    this.mark = mark;
    this.lookedAt = this.clock.now();
    this.looking = undefined;
  }
}

const LOOKED_AT_EVERY_MS = 1_000;
