import { WorkerHub, WorkerLink } from '../../src/contracts/worker-link.js';

/** A primary and its workers in one process: messages cross as copies and in a later turn, as between processes. */
export class WorkerLines extends WorkerHub {
  /** Questions that reached the primary, by topic. */
  readonly asked: string[] = [];
  /** The primary takes questions and never answers. */
  isHung = false;
  private readonly tells = new Map<string, (payload: unknown, workerId: number) => void>();
  private readonly answers = new Map<string, (payload: unknown, workerId: number) => unknown>();
  private readonly gone: ((workerId: number) => void)[] = [];
  private readonly workers = new Map<number, Map<string, (payload: unknown) => void>>();

  worker(): WorkerLink {
    const workerId = this.workers.size + 1;
    const news = new Map<string, (payload: unknown) => void>();
    this.workers.set(workerId, news);
    const ask = this.ask.bind(this);
    const tell = (topic: string, payload: unknown): void => void setImmediate(() => this.tells.get(topic)?.(payload, workerId));
    return new (class extends WorkerLink {
      override tell(topic: string, payload: unknown): void {
        tell(topic, structuredClone(payload));
      }
      override ask(topic: string, payload: unknown, timeoutMs: number): Promise<unknown> {
        return ask(workerId, topic, structuredClone(payload), timeoutMs);
      }
      override onNews(topic: string, listener: (payload: unknown) => void): void {
        news.set(topic, listener);
      }
    })();
  }

  workerGone(workerId: number): void {
    this.workers.delete(workerId);
    for (const listener of this.gone) listener(workerId);
  }

  override onTell(topic: string, listener: (payload: unknown, workerId: number) => void): void {
    this.tells.set(topic, listener);
  }

  override onAsk(topic: string, answer: (payload: unknown, workerId: number) => unknown): void {
    this.answers.set(topic, answer);
  }

  override onGone(listener: (workerId: number) => void): void {
    this.gone.push(listener);
  }

  override spread(topic: string, payload: unknown): void {
    const copy: unknown = structuredClone(payload);
    for (const news of this.workers.values()) setImmediate(() => news.get(topic)?.(copy));
  }

  private ask(workerId: number, topic: string, payload: unknown, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('The primary did not answer.')), timeoutMs);
      setImmediate(() => {
        this.asked.push(topic);
        if (this.isHung) return;
        const answer = structuredClone(this.answers.get(topic)?.(payload, workerId));
        setImmediate(() => {
          clearTimeout(late);
          resolve(answer);
        });
      });
    });
  }
}
