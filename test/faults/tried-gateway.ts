import { readdirSync, readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { builtGateway } from '../doubles/built-gateway.js';
import { freePort } from '../doubles/free-port.js';
import { StartedChild } from '../doubles/started-child.js';
import { clientCall } from './client-call.js';
import { MetricsText } from './metrics-text.js';

/** Short times, so that a whole matrix takes minutes. Breaker and limits are out of the way of rows that are not about them. */
export const SHORT_TIMES: Readonly<Record<string, string>> = {
  GATEWAY_CONNECT_TIMEOUT_SECONDS: '0.5',
  GATEWAY_REQUEST_TIMEOUT_SECONDS: '2',
  GATEWAY_STREAM_IDLE_TIMEOUT_SECONDS: '1',
  GATEWAY_FIRST_CONTENT_TIMEOUT_SECONDS: '3',
  GATEWAY_TOTAL_TIMEOUT_SECONDS: '10',
  GATEWAY_WRITE_STALL_SECONDS: '2',
  GATEWAY_MAX_ATTEMPTS: '3',
  GATEWAY_RETRY_BUDGET_PERCENT: '20',
  GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '1000000',
  GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '2',
  GATEWAY_RATE_LIMIT_PER_MINUTE: '0',
  GATEWAY_BODY_LIMIT_BYTES: String(4 * 1024 * 1024),
  GATEWAY_HEADER_TIMEOUT_SECONDS: '3',
  GATEWAY_BODY_IDLE_TIMEOUT_SECONDS: '5',
  GATEWAY_DRAIN_DELAY_SECONDS: '0',
  GATEWAY_DRAIN_TIMEOUT_SECONDS: '10',
  GATEWAY_LOG_LEVEL: 'debug',
};

export interface StartOptions {
  readonly env: Readonly<Record<string, string>>;
  /** A program and its arguments that start the gateway in their own way, such as `prlimit`. */
  readonly under?: readonly string[];
  readonly nodeOptions?: readonly string[];
  readonly cwd?: string;
}

/** The built gateway (or the one whose `main.js` FAULTS_GATEWAY names) as a process, with what can be seen of it from outside. */
export class TriedGateway {
  private isStopped = false;

  private constructor(
    readonly port: number,
    private readonly child: StartedChild,
    private readonly folder: string,
  ) {}

  static async start({ env, under = [], nodeOptions = [], cwd }: StartOptions): Promise<TriedGateway> {
    main ??= process.env['FAULTS_GATEWAY'] ?? builtGateway();
    const port = Number(env['GATEWAY_PORT'] ?? (await freePort()));
    const folder = mkdtempSync(join(tmpdir(), 'nexus-faults-'));
    const [program = '', ...args] = [
      ...under,
      resolve('node_modules/.bin/node'),
      '--enable-source-maps',
      '--max-semi-space-size=8',
      ...nodeOptions,
      main,
    ];
    try {
      const child = await StartedChild.start(program, args, {
        cwd: cwd ?? folder,
        env: { PATH: process.env['PATH'] ?? '', GATEWAY_HOST: '127.0.0.1', GATEWAY_PORT: String(port), ...env },
        readyUrl: `http://127.0.0.1:${port}/health/ready`,
        readyWithinMs: 20_000,
      });
      return new TriedGateway(port, child, folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child.pid;
  }

  get out(): string {
    return this.child.stdout;
  }

  get err(): string {
    return this.child.stderr;
  }

  get isAlive(): boolean {
    try {
      process.kill(this.pid, 0);
      return !this.isStopped;
    } catch {
      return false;
    }
  }

  /** Lines of the log of this kind, parsed. */
  lines(msg?: string): Record<string, unknown>[] {
    const lines = this.out
      .slice(0, this.out.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '');
    const wanted = msg === undefined ? lines : lines.filter((line) => line.includes(`"msg":"${msg}"`));
    return wanted.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async scrape(): Promise<MetricsText> {
    return new MetricsText((await clientCall(this.port, { path: '/metrics' })).text);
  }

  get residentBytes(): number {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) * 1024;
  }

  get openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Processor time used so far. */
  get cpuMs(): number {
    const [, after = ''] = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ');
    const fields = after.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** How long its main thread was ready to run and had no processor: the machine's doing, not its own. */
  get waitedForProcessorMs(): number {
    return waitedForProcessorMs(this.pid);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM', withinMs = 20_000): Promise<number | null> {
    const code = await this.child.stop(signal, withinMs);
    this.isStopped = true;
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}

/** Of the main thread of a process. */
export function waitedForProcessorMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
}

let main: string | undefined;
