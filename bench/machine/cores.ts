import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Which cores the parts of a measurement stay on: what is measured has one for itself, so that what measures it never takes its time. */
export interface Cores {
  readonly measured: string | undefined;
  readonly measuring: string | undefined;
}

export function chooseCores(): Cores {
  const [measured, ...measuring] = allowedCores();
  if (measured === undefined || measuring.length === 0 || !canPin()) return { measured: undefined, measuring: undefined };
  return { measured: String(measured), measuring: measuring.join(',') };
}

/** Those that this process may use: a container may have been given some that are not the first. */
function allowedCores(): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Number.isInteger(first) ? Array.from({ length: last - first + 1 }, (_, index) => first + index) : [];
  });
}

/** A command line that stays on these cores. */
export function pinned(cores: string | undefined, command: readonly string[]): readonly string[] {
  return cores === undefined ? command : ['taskset', '-c', cores, ...command];
}

/** This process, and what it starts without a wish of its own. */
export function pinSelf(cores: string | undefined): void {
  if (cores !== undefined) execFileSync('taskset', ['-a', '-cp', cores, String(process.pid)], { stdio: 'ignore' });
}

function canPin(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
