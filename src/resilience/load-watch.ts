import { getHeapStatistics } from 'node:v8';

export type Overload = 'event_loop' | 'memory';

/**
 * Whether this process itself has more to do than it can: its event loop is late, or its memory near the limit at which the kernel
 * (or V8) would end it. Looks twenty times a second; asking costs nothing.
 */
export class LoadWatch {
  private timer: NodeJS.Timeout | undefined;
  private expectedAt = 0;
  private lateMs = 0;
  private memoryShare = 0;
  private looks = 0;

  constructor(
    private readonly memory: () => MemoryUse = memoryUse,
    private readonly now: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.expectedAt = this.now() + LOOK_EVERY_MS;
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  get overload(): Overload | undefined {
    if (this.memoryShare > MEMORY_SHARE_MAX) return 'memory';
    return this.lateMs > LATE_MS_MAX ? 'event_loop' : undefined;
  }

  private look(): void {
    const now = this.now();
    const lateMs = Math.max(0, now - this.expectedAt);
    this.expectedAt = now + LOOK_EVERY_MS;
    // One long pause (a collection, a large body) is no overload; several looks in a row are.
    this.lateMs += (lateMs - this.lateMs) * SMOOTHING;
    if (this.looks++ % MEMORY_EVERY_LOOKS === 0) this.memoryShare = shareOf(this.memory());
  }
}

export interface MemoryUse {
  readonly residentBytes: number;
  /** What the control group allows; 0: no limit. */
  readonly residentBytesMax: number;
  readonly heapBytes: number;
  readonly heapBytesMax: number;
}

function shareOf({ residentBytes, residentBytesMax, heapBytes, heapBytesMax }: MemoryUse): number {
  const resident = residentBytesMax > 0 ? residentBytes / residentBytesMax : 0;
  return Math.max(resident, heapBytes / heapBytesMax);
}

function memoryUse(): MemoryUse {
  const { used_heap_size: heapBytes, heap_size_limit: heapBytesMax } = getHeapStatistics();
  const constrained = process.constrainedMemory();
  // Where there is no limit the kernel names a number beyond any machine.
  const residentBytesMax = constrained > 0 && constrained < 2 ** 50 ? constrained : 0;
  return { residentBytes: residentBytesMax > 0 ? process.memoryUsage.rss() : 0, residentBytesMax, heapBytes, heapBytesMax };
}

const LOOK_EVERY_MS = 20;
const SMOOTHING = 0.3;
const LATE_MS_MAX = 40;
const MEMORY_EVERY_LOOKS = 5;
const MEMORY_SHARE_MAX = 0.85;
