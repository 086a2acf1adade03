import { readFileSync } from 'node:fs';

/** How many sockets to listen with: as many as help, and few of the files that the process may have open. One where the kernel cannot share. */
export function listenerCount(platform: string = process.platform, limits: () => string = () => readFileSync('/proc/self/limits', 'utf8')): number {
  if (platform !== 'linux') return 1;
  let filesMax: number;
  try {
    filesMax = Number(/^Max open files\s+(\d+)/m.exec(limits())?.[1] ?? 0);
  } catch {
    return 1;
  }
  return Math.max(1, Math.min(LISTENERS_MAX, Math.floor(filesMax / FILES_EACH)));
}

/** With as many the queue of a thousand new clients is taken in sixteen turns. */
const LISTENERS_MAX = 64;
const FILES_EACH = 16;
