import type { Agent } from 'node:http';
import { type Answer, send } from './send.js';

export interface ChatOptions {
  readonly key?: string;
  readonly model?: string;
  readonly stream?: boolean;
  readonly agent?: Agent;
}

/** A chat completion, whole. */
export function chat(url: string, { key = 'dev-key', model = 'mock', stream = false, agent }: ChatOptions = {}): Promise<Answer> {
  return send(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hello' }] }),
    ...(agent === undefined ? {} : { agent }),
  });
}
