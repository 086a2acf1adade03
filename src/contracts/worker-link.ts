/**
 * A worker's line to the process that started it, and so to all other workers: small questions and news, by topic.
 * Where one process serves alone there is no link.
 */
export abstract class WorkerLink {
  /** Tells the primary; nobody answers. */
  abstract tell(topic: string, payload: unknown): void;
  /** Asks the primary. Rejects when no answer came within `timeoutMs`. */
  abstract ask(topic: string, payload: unknown, timeoutMs: number): Promise<unknown>;
  /** News from the primary, sent to every worker. */
  abstract onNews(topic: string, listener: (payload: unknown) => void): void;
}

/** The primary's end: answers its workers' questions. */
export abstract class WorkerHub {
  abstract onTell(topic: string, listener: (payload: unknown, workerId: number) => void): void;
  abstract onAsk(topic: string, answer: (payload: unknown, workerId: number) => unknown): void;
  abstract onGone(listener: (workerId: number) => void): void;
  /** To every worker, or to all but one. */
  abstract spread(topic: string, payload: unknown): void;
}
