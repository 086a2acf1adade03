import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { programOnPath } from '../doubles/program-on-path.js';
import { percentile } from './open-loop-client.js';

export interface Load {
  /** Calls a second, whether earlier ones were answered or not; 0: each lane asks again as soon as it was answered. */
  readonly rate: number;
  readonly seconds: number;
  readonly lanes?: number;
  /** How often one call is asked in all, as SDKs do. */
  readonly tries?: number;
}

export interface LoadedCall {
  /** When it was due, since the begin. */
  readonly at: number;
  /** From then until its answer, retries and all. */
  readonly ms: number;
  /** 0: no whole answer. */
  readonly status: number;
  readonly tries: number;
}

export interface LoadSeen {
  readonly calls: readonly LoadedCall[];
  readonly latenessMs: number;
}

/** Load from a process of its own (`load-generator.mjs`), on a processor of its own where there are two: see `apart`. */
export async function load(port: number, request: Buffer, { rate, seconds, lanes = 512, tries = 1 }: Load): Promise<LoadSeen> {
  const script = fileURLToPath(new URL('load-generator.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, ...[port, rate, seconds, lanes, tries].map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stdin.end(request);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the load generator ended with ${String(code)}`);
  const seen = JSON.parse(out) as { calls: [number, number, number, number][]; latenessMs: number };
  return { calls: seen.calls.map(([at, ms, status, tries_]) => ({ at, ms, status, tries: tries_ })), latenessMs: seen.latenessMs };
}

/** The gateway on a processor of its own. */
export interface Apart {
  /** So long others had that processor so far, milliseconds; without one of its own, how long the gateway waited for any. */
  othersMs(): number;
  end(): void;
}

/** A processor for the gateway, and another for this process and those it starts, where there are two and `taskset`. */
export function apart(gateway: { readonly pid: number; readonly waitedForProcessorMs: number }): Apart {
  const program = programOnPath('taskset');
  const together: Apart = { othersMs: () => gateway.waitedForProcessorMs, end: () => undefined };
  if (program === undefined) return together;
  const pin = (list: string, pid: number): void => void spawnSync(program, ['-a', '-p', '-c', list, String(pid)]);
  const { stdout } = spawnSync(program, ['-p', '-c', String(process.pid)], { encoding: 'utf8' });
  const all = stdout.split(': ').at(-1)?.trim() ?? '';
  const [first, second] = processorsOf(all);
  if (first === undefined || second === undefined) return together;
  pin(String(first), gateway.pid);
  pin(String(second), process.pid);
  return {
    othersMs: () => processorMs(first) - processMs(gateway.pid),
    end: () => {
      pin(all, gateway.pid);
      pin(all, process.pid);
    },
  };
}

/** What processes, and other machines on the same one, have had of a processor. What the kernel does between them is nobody's. */
function processorMs(index: number): number {
  const line = new RegExp(`^cpu${index} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '';
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = line.split(' ').map(Number);
  return (user + nice + system + steal) * TICK_MS;
}

/** With all its threads: some collect garbage beside the first. */
function processMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').map(Number) ?? [];
  return ((fields[11] ?? 0) + (fields[12] ?? 0)) * TICK_MS;
}

const TICK_MS = 10;

/** Of a list such as `0-3,7`. */
function processorsOf(list: string): number[] {
  return list
    .split(',')
    .flatMap((part) => {
      const [first = NaN, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 || 0 }, (_, index) => first + index);
    })
    .filter((one) => Number.isInteger(one));
}

export function times(calls: readonly LoadedCall[], status: number, share = 0.99): number {
  return percentile(
    calls.filter((call) => call.status === status).map(({ ms }) => ms),
    share,
  );
}
