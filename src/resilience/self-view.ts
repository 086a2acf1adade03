import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { MEMORY_SHARE_MAX, type SelfView } from './load-watch.js';

/** Where there is no limit the kernel names a number beyond any machine. */
const NO_LIMIT = 2 ** 50;

/** This process as Node sees it. */
export function selfView(): SelfView {
  let last = performance.eventLoopUtilization();
  return {
    busyShare: () => {
      const current = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(current, last);
      last = current;
      return utilization;
    },
    processorMs: () => {
      const { user, system } = process.threadCpuUsage();
      return (user + system) / 1_000;
    },
    memoryShare,
    memoryLeft,
    now: () => performance.now(),
  };
}

function memoryLeft(): number {
  const resident = process.constrainedMemory();
  return resident > 0 && resident < NO_LIMIT ? Math.max(0, resident * MEMORY_SHARE_MAX - process.memoryUsage.rss()) : Infinity;
}

function memoryShare(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  const resident = process.constrainedMemory();
  return Math.max(used / limit, resident > 0 && resident < NO_LIMIT ? process.memoryUsage.rss() / resident : 0);
}
