/** What goes over the line between a worker and its primary. */
export type WorkerMessage =
  | { readonly nexus: 'tell'; readonly topic: string; readonly payload: unknown }
  | { readonly nexus: 'ask'; readonly topic: string; readonly id: number; readonly payload: unknown }
  | { readonly nexus: 'answer'; readonly id: number; readonly payload: unknown }
  | { readonly nexus: 'news'; readonly topic: string; readonly payload: unknown };

/** Node's own messages and anybody else's pass by. */
export function isWorkerMessage(message: unknown): message is WorkerMessage {
  return typeof message === 'object' && message !== null && 'nexus' in message;
}
