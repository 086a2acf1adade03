import { Agent } from 'node:http';
import { chat } from './chat.js';

export interface Load {
  /** How many calls ended so far. */
  readonly ended: number;
  /** Every status but 200 and every error of a socket, so far. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** So many clients that call one after the other, each over its own kept connection or each call over a new one, for a minute at most. */
export function load(url: string, clients: number, keepAlive = true): Load {
  const agent = new Agent({ keepAlive, maxSockets: clients });
  const endsAt = performance.now() + 60_000;
  const failures: string[] = [];
  let ended = 0;
  let isStopped = false;
  const client = async (): Promise<void> => {
    while (!isStopped && performance.now() < endsAt) {
      await chat(url, { agent }).then(
        ({ status, text }) => void (status === 200 || failures.push(`${status} ${text}`)),
        (error: Error) => failures.push(String(error)),
      );
      ended++;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
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

const PAUSE_MS = 5;
