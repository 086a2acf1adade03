import type { ServerResponse } from 'node:http';
import type { ReplyWriter } from './reply-writer.js';

/** Every request that has not ended, for whoever has to wait for the last one; and the writers of those that can be told to end. */
export class InFlight {
  private count = 0;
  private readonly writers = new Set<ReplyWriter>();
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
    this.writers.add(writer);
    raw.once('close', () => this.writers.delete(writer));
  }

  /** The calls still running. */
  running(): readonly ReplyWriter[] {
    return [...this.writers];
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
