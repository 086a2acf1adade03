import { WorkerHub, WorkerLink } from '../../src/contracts/worker-link.js';

/** A primary and its workers in one process: payloads cross as JSON, as they do between processes. */
export class WorkerLine {
  private readonly tells = new Map<string, (payload: unknown, workerId: number) => void>();
  private readonly asks = new Map<string, (payload: unknown, workerId: number) => unknown>();
  private readonly goneListeners: ((workerId: number) => void)[] = [];
  private readonly workers = new Map<number, Map<string, (payload: unknown) => void>>();
  private readonly deaf = new Set<number>();

  readonly hub: WorkerHub = {
    onTell: (topic, listener) => void this.tells.set(topic, listener),
    onAsk: (topic, answer) => void this.asks.set(topic, answer),
    onGone: (listener) => void this.goneListeners.push(listener),
    spread: (topic, payload) => {
      for (const [id, listeners] of this.workers) if (!this.deaf.has(id)) queueMicrotask(() => listeners.get(topic)?.(asSent(payload)));
    },
  };

  link(id: number): WorkerLink {
    const listeners = new Map<string, (payload: unknown) => void>();
    this.workers.set(id, listeners);
    return {
      tell: (topic, payload) => this.tells.get(topic)?.(asSent(payload), id),
      ask: async (topic, payload) => {
        const answer = this.asks.get(topic);
        if (answer === undefined || this.deaf.has(id)) throw new Error('no answer');
        return asSent(await answer(asSent(payload), id));
      },
      onNews: (topic, listener) => void listeners.set(topic, listener),
    };
  }

  /** It hears no news any more, and no answer. */
  deafen(id: number): void {
    this.deaf.add(id);
  }

  end(id: number): void {
    this.workers.delete(id);
    for (const listener of this.goneListeners) listener(id);
  }
}

function asSent(payload: unknown): unknown {
  return payload === undefined ? undefined : (JSON.parse(JSON.stringify(payload)) as unknown);
}
