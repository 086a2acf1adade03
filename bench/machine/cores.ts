import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Which cores the parts of a measurement stay on: what is measured has one for itself, so that what measures it never takes its time. */
export interface Cores {
  readonly measured: string | undefined;
  readonly measuring: string | undefined;
}

export function chooseCores(): Cores {
  const count = availableParallelism();
  if (count < 2 || !canPin()) return { measured: undefined, measuring: undefined };
  return { measured: '0', measuring: count > 2 ? `1-${count - 1}` : '1' };
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
