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

function ofProcess(pid: number): number {
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`))
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]);
    return nanoseconds / 1e9;
  } catch {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }
}
