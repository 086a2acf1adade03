import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cores, pinned } from './cores.ts';

export interface ChildOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly cores: Cores['measured'];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process of the bench. What it says on stderr is shown when it ends before its time; its stdout goes nowhere. */
export class Child {
  readonly pid: number;
  private readonly process: ChildProcess;
  private readonly wordsFile: string;
  private readonly ended: Promise<void>;
  private isOver = false;

  constructor(options: ChildOptions) {
    const [program = '', ...rest] = pinned(options.cores, options.command);
    this.wordsFile = join(options.folder, `${options.name}.stderr`);
    const nowhere = openSync('/dev/null', 'a');
    const words = openSync(this.wordsFile, 'w');
    this.process = spawn(program, rest, {
      cwd: options.folder,
      env: { ...bareEnvironment(), ...options.environment },
      stdio: ['ignore', nowhere, words],
    });
    closeSync(nowhere);
    closeSync(words);
    this.pid = this.process.pid ?? 0;
    this.ended = new Promise((resolve) => {
      const over = (): void => {
        this.isOver = true;
        resolve();
      };
      this.process.once('exit', over).once('error', over);
    });
  }

  /** Asks again and again until it is there; a process that ended, or took too long, is a failure with its own words. */
  async until(isThere: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await isThere())) {
      if (this.isOver || performance.now() > deadline)
        throw new Error(`${this.isOver ? 'it ended before it was ready' : 'it was not ready in time'}: ${this.words.slice(0, 2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Fails with how it ended, where it has. */
  checkItRuns(): void {
    const { exitCode, signalCode } = this.process;
    if (this.isOver) throw new Error(`a process that is measured has ended (${signalCode ?? exitCode}): ${this.words.slice(0, 2_000)}`);
  }

  get words(): string {
    return readFileSync(this.wordsFile, 'utf8');
  }

  async stop(): Promise<void> {
    if (this.isOver) return;
    this.process.kill('SIGTERM');
    const late = setTimeout(() => this.process.kill('SIGKILL'), 5_000);
    await this.ended;
    clearTimeout(late);
  }
}

/** Without settings of a gateway that happen to be around. */
function bareEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GATEWAY_') && !name.startsWith('OTEL_')));
}
