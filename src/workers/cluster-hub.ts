import cluster, { type Worker } from 'node:cluster';
import { WorkerHub } from '../contracts/worker-link.js';
import { isWorkerMessage, type WorkerMessage } from './worker-message.js';

/** The primary's end of its workers' lines over Node's cluster. */
export class ClusterHub extends WorkerHub {
  private readonly tells = new Map<string, (payload: unknown, workerId: number) => void>();
  private readonly asks = new Map<string, (payload: unknown, workerId: number) => unknown>();
  private readonly gone: ((workerId: number) => void)[] = [];

  constructor() {
    super();
    cluster.on('message', (worker, message) => {
      if (isWorkerMessage(message)) this.heard(worker, message);
    });
    cluster.on('exit', (worker) => {
      for (const listener of this.gone) listener(worker.id);
    });
  }

  override onTell(topic: string, listener: (payload: unknown, workerId: number) => void): void {
    this.tells.set(topic, listener);
  }

  override onAsk(topic: string, answer: (payload: unknown, workerId: number) => unknown): void {
    this.asks.set(topic, answer);
  }

  override onGone(listener: (workerId: number) => void): void {
    this.gone.push(listener);
  }

  override spread(topic: string, payload: unknown): void {
    for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) send(worker, { nexus: 'news', topic, payload });
  }

  private heard(worker: Worker, message: WorkerMessage): void {
    switch (message.nexus) {
      case 'tell':
        return this.tells.get(message.topic)?.(message.payload, worker.id);
      case 'ask':
        return void this.answer(worker, message.topic, message.id, message.payload);
      case 'answer':
      case 'news':
        return;
    }
  }

  private async answer(worker: Worker, topic: string, id: number, question: unknown): Promise<void> {
    const payload = await this.asks.get(topic)?.(question, worker.id);
    send(worker, { nexus: 'answer', id, payload });
  }
}

function send(worker: Worker, message: WorkerMessage): void {
  // The callback takes the error of a line that was cut meanwhile.
  if (worker.isConnected()) worker.send(message, () => {});
}
