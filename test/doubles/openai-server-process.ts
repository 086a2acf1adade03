import { resolve } from 'node:path';
import { freePort } from './free-port.js';
import { StartedChild } from './started-child.js';

export interface SeenCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, as it came. */
  readonly text: string;
  readonly ended: 'running' | 'finished' | 'closed by peer';
}

/** An OpenAI-compatible upstream in a process of its own (openai-server.mjs says how models behave). */
export class OpenAiServer {
  private constructor(
    readonly port: number,
    private readonly child: StartedChild,
  ) {}

  static async start(): Promise<OpenAiServer> {
    const port = await freePort();
    const child = await StartedChild.start(resolve('node_modules/.bin/node'), [resolve('test/doubles/openai-server.mjs'), String(port)], {
      cwd: resolve('.'),
      env: {},
      readyUrl: `http://127.0.0.1:${port}/seen`,
      readyWithinMs: 10_000,
    });
    return new OpenAiServer(port, child);
  }

  /** The value of an upstream's setting that sends this model name. */
  upstream(model: string): string {
    return `http://127.0.0.1:${this.port}?model=${encodeURIComponent(model)}`;
  }

  async seen(model: string): Promise<readonly SeenCall[]> {
    const calls = (await (await fetch(`http://127.0.0.1:${this.port}/seen`)).json()) as SeenCall[];
    return calls.filter(({ text }) => (JSON.parse(text) as { model: string }).model === model);
  }

  async stop(): Promise<void> {
    await this.child.stop();
  }
}
