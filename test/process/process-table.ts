import { readdirSync, readFileSync } from 'node:fs';

export interface TableRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/** Every process of the machine that has not ended (one that waits to be buried has). Linux alone has this table. */
export function processTable(): TableRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const row = rowOf(Number(name));
      return row === undefined ? [] : [row];
    });
}

export const childrenOf = (pid: number): number[] =>
  processTable()
    .filter(({ parent }) => parent === pid)
    .map((row) => row.pid);

export const isAlive = (pid: number): boolean => rowOf(pid) !== undefined;

export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

function rowOf(pid: number): TableRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold anything.
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : { pid, parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}
