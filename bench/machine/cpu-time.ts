import { readdirSync, readFileSync } from 'node:fs';

/**
 * Seconds of CPU that these processes have used, user and system, all threads. From the scheduler's own account in nanoseconds where
 * the kernel keeps one, else from ticks of 10 ms.
 */
export function cpuSeconds(pids: readonly number[]): number {
  let seconds = 0;
  for (const pid of pids) seconds += ofProcess(pid);
  return seconds;
}

/** Seconds in which these processes could have run and had to wait for a core: above all what others on this machine took. */
export function waitingSeconds(pids: readonly number[]): number {
  let seconds = 0;
  for (const pid of pids) seconds += ofThreads(pid, WAITED) ?? 0;
  return seconds;
}

/** Columns of the kernel's account of a thread. */
const RAN = 0;
const WAITED = 1;

function ofThreads(pid: number, column: number): number | undefined {
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`))
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[column]);
    return nanoseconds / 1e9;
  } catch {
    return undefined;
  }
}

function ofProcess(pid: number): number {
  const seconds = ofThreads(pid, RAN);
  if (seconds !== undefined) return seconds;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    throw new Error('a process that is measured has ended: somebody else ended it, or it failed');
  }
}
