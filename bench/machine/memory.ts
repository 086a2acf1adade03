import { readFileSync, writeFileSync } from 'node:fs';

/** MB of memory that these processes hold now. */
export function residentMb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + field(pid, 'VmRSS'), 0);
}

/** MB that these processes held at most since `forgetPeak`. */
export function peakMb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + field(pid, 'VmHWM'), 0);
}

export function forgetPeak(pids: readonly number[]): void {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function field(pid: number, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(found?.[1]) / 1024;
}
