import { Agent } from 'node:http';
import { chat } from './chat.js';

export interface Load {
  /** How many calls ended so far. */
  readonly ended: number;
  /** Every status but 200 and every error of a socket, so far. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** So many clients that call one after the other, each over its own kept connection, until they are stopped. */
export function load(url: string, clients: number, pauseMs = 5): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const failures: string[] = [];
  let ended = 0;
  let isStopped = false;
  const client = async (): Promise<void> => {
    while (!isStopped) {
      await chat(url, { agent }).then(
        ({ status, text }) => void (status === 200 || failures.push(`${status} ${text}`)),
        (error: Error) => failures.push(String(error)),
      );
      ended++;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const running = Array.from({ length: clients }, client);
  return {
    get ended() {
      return ended;
    },
    failures,
    stop: async () => {
      isStopped = true;
      await Promise.all(running);
      agent.destroy();
    },
  };
}
