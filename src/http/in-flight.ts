import type { ServerResponse } from 'node:http';
import type { ReplyWriter } from './reply-writer.js';

/** Every request that has not ended, for whoever has to wait for the last one; and the writers of those that can be told to end. */
export class InFlight {
  private count = 0;
  /**
   * Each at a seat of its own, which another takes when it is gone. A `Set` that members come to and leave goes from table to table, and
   * each refers to the next: once an old one is held to be long-lived, whatever passes through later ones is kept until a full collection.
   */
  private readonly writers: (ReplyWriter | undefined)[] = [];
  private readonly freeSeats: number[] = [];
  private onEmpty: (() => void) | undefined;

  /** Set while the process ends: answers say `Connection: close`, so that clients go elsewhere for their next call. */
  isDraining = false;

  get size(): number {
    return this.count;
  }

  began(): void {
    this.count += 1;
  }

  ended(): void {
    this.count -= 1;
    if (this.count === 0) this.onEmpty?.();
  }

  follow(writer: ReplyWriter, raw: ServerResponse): void {
    const seat = this.freeSeats.pop() ?? this.writers.length;
    this.writers[seat] = writer;
    raw.once('close', () => {
      this.writers[seat] = undefined;
      this.freeSeats.push(seat);
    });
  }

  /** The calls still running. */
  running(): readonly ReplyWriter[] {
    return this.writers.filter((writer) => writer !== undefined);
  }

  /** Resolves when nothing is in flight, or after `withinMs`; tells whether all had ended. */
  empty(withinMs: number): Promise<boolean> {
    if (this.count === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(false), withinMs);
      const settle = (all: boolean): void => {
        clearTimeout(timer);
        this.onEmpty = undefined;
        resolve(all);
      };
      this.onEmpty = () => settle(true);
    });
  }
}
