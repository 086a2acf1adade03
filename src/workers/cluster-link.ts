import cluster from 'node:cluster';
import { WorkerLink } from '../contracts/worker-link.js';
import { isWorkerMessage, type WorkerMessage } from './worker-message.js';

/** A worker's line to its primary over Node's cluster. Once the primary is gone nothing is sent and every question fails in time. */
export class ClusterLink extends WorkerLink {
  private readonly listeners = new Map<string, ((payload: unknown) => void)[]>();
  private readonly questions = new Map<number, (payload: unknown) => void>();
  /** The latest of each topic that came before anybody listened: whoever does then hears of it. */
  private readonly unheard = new Map<string, unknown>();
  private lastId = 0;

  constructor() {
    super();
    process.on('message', (message) => {
      if (isWorkerMessage(message)) this.heard(message);
    });
    // What Node itself says over a line that was cut meanwhile: the disconnect that follows ends this process in order.
    cluster.worker?.on('error', () => {});
  }

  override tell(topic: string, payload: unknown): void {
    this.send({ nexus: 'tell', topic, payload });
  }

  override ask(topic: string, payload: unknown, timeoutMs: number): Promise<unknown> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.questions.delete(id);
        reject(new Error(`the primary did not answer (${topic})`));
      }, timeoutMs);
      this.questions.set(id, (answer) => {
        clearTimeout(timer);
        this.questions.delete(id);
        resolve(answer);
      });
      this.send({ nexus: 'ask', topic, id, payload });
    });
  }

  override onNews(topic: string, listener: (payload: unknown) => void): void {
    const known = this.listeners.get(topic) ?? [];
    this.listeners.set(topic, [...known, listener]);
    if (!this.unheard.has(topic)) return;
    listener(this.unheard.get(topic));
    this.unheard.delete(topic);
  }

  private send(message: WorkerMessage): void {
    // The callback takes the error of a line that was cut meanwhile.
    if (process.connected) process.send?.(message, undefined, {}, () => {});
  }

  private heard(message: WorkerMessage): void {
    switch (message.nexus) {
      case 'answer':
        return this.questions.get(message.id)?.(message.payload);
      case 'news':
        return this.spread(message.topic, message.payload);
      case 'ask':
      case 'tell':
        return;
    }
  }

  private spread(topic: string, payload: unknown): void {
    const listeners = this.listeners.get(topic);
    if (listeners === undefined) this.unheard.set(topic, payload);
    else for (const listener of listeners) listener(payload);
  }
}
