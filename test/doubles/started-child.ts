import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ChildOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 once the program serves. */
  readonly readyUrl: string;
  readonly readyWithinMs: number;
}

/** A program that a test started, is ready, and is stopped by the test: what it wrote, and how it ended. */
export class StartedChild {
  private out = '';
  private err = '';
  private readonly ended: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    this.ended = once(child, 'close').then(([code]) => code as number | null);
  }

  static async start(program: string, args: readonly string[], options: ChildOptions): Promise<StartedChild> {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
    await once(child, 'spawn');
    const started = new StartedChild(child);
    const deadline = performance.now() + options.readyWithinMs;
    while (!(await answers(options.readyUrl))) {
      const gone = child.exitCode !== null || child.signalCode !== null;
      if (gone || performance.now() > deadline) {
        await started.stop('SIGKILL');
        throw new Error(
          `${program} ${gone ? `ended with ${child.exitCode ?? child.signalCode}` : `was not ready in ${options.readyWithinMs} ms`}:\n${started.stderr}${started.stdout}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return started;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get stdout(): string {
    return this.out;
  }

  get stderr(): string {
    return this.err;
  }

  /** Sends the signal and waits for the end, at most `withinMs`; then it is killed. The exit code, or null when a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', withinMs = 20_000): Promise<number | null> {
    const last = setTimeout(() => this.child.kill('SIGKILL'), withinMs);
    this.child.kill(signal);
    const code = await this.ended;
    clearTimeout(last);
    return code;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
