import { type BucketStore, type Charge, MemoryRateLimitStore, type RedisConnection } from './product.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Weather {
  /** One way, in milliseconds: the least it takes, and the mean of what comes on top. */
  readonly wayMs: number;
  readonly jitterMs: number;
  /** Of messages: each one lost is sent again by TCP after 200 ms, then 400, and what comes after it on that line waits. */
  readonly loss: number;
  readonly outage?: {
    readonly fromMs: number;
    readonly untilMs: number;
    /** `hangs`: what is asked meanwhile is answered when it wakes. `dies`: refused meanwhile, and it comes back empty. */
    readonly kind: 'hangs' | 'dies';
  };
}

/** One Redis: the buckets, by the arithmetic that its script shares with the product, and its clock. */
export class SimulatedRedis {
  readonly weather: Weather;
  private readonly time: VirtualTime;
  private readonly random: Random;
  private buckets: BucketStore;
  private readonly lines: SimulatedLine[] = [];

  constructor(time: VirtualTime, random: Random, weather: Weather) {
    this.time = time;
    this.random = random;
    this.weather = weather;
    this.buckets = new MemoryRateLimitStore(time);
    const { outage } = weather;
    if (outage?.kind !== 'dies') return;
    time.after(outage.fromMs, () => {
      for (const line of this.lines) line.lose();
    });
    time.after(outage.untilMs, () => (this.buckets = new MemoryRateLimitStore(time)));
  }

  line(): RedisConnection {
    const line = new SimulatedLine(this, this.time, this.random);
    this.lines.push(line);
    return line;
  }

  get isDown(): boolean {
    const { outage } = this.weather;
    return outage !== undefined && this.time.now() >= outage.fromMs && this.time.now() < outage.untilMs;
  }

  /** In thousandths of a millisecond, as the script answers. */
  take(charge: Charge): number {
    const verdict = this.buckets.draw(charge);
    return verdict >= 0 ? Math.ceil(verdict * 1000) : -1000 - Math.ceil((-1 - verdict) * 1000);
  }
}

interface Waiting {
  readonly sentAt: number;
  readonly resolve: (answer: number) => void;
  readonly reject: (error: Error) => void;
}

/** A line of one replica: messages keep their order both ways, as TCP's do, and a peer that is silent for 1.5 s is given up. */
class SimulatedLine implements RedisConnection {
  private readonly redis: SimulatedRedis;
  private readonly time: VirtualTime;
  private readonly random: Random;
  private readonly waiting = new Set<Waiting>();
  private lastThere = 0;
  private lastBack = 0;
  private isOpen = true;
  private isWatched = false;
  private opened: () => void = () => undefined;
  private lost: () => void = () => undefined;

  constructor(redis: SimulatedRedis, time: VirtualTime, random: Random) {
    this.redis = redis;
    this.time = time;
    this.random = random;
  }

  take(key: string, capacity: number, refillPerMinute: number, cost: number, debtMs: number): Promise<unknown> {
    if (!this.isOpen) return Promise.reject(new Error('no line'));
    const charge: Charge = { bucket: key, capacity, refillPerMinute, cost, ...(debtMs > 0 ? { debtMs } : {}) };
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { sentAt: this.time.now(), resolve, reject };
      this.waiting.add(waiting);
      this.watch();
      this.lastThere = Math.max(this.lastThere, this.time.now() + this.way());
      this.time.after(this.lastThere - this.time.now(), () => this.arrived(charge, waiting));
    });
  }

  onOpened(listener: () => void): void {
    this.opened = listener;
  }

  onLost(listener: () => void): void {
    this.lost = listener;
  }

  async close(): Promise<void> {}

  lose(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const left = [...this.waiting];
    this.waiting.clear();
    for (const { reject } of left) reject(new Error('lost'));
    this.lost();
    this.reopen();
  }

  /** Answered in its turn. What waited in a hanging Redis is still carried out when it wakes, even if nobody waits for it any more. */
  private arrived(charge: Charge, waiting: Waiting): void {
    const { outage } = this.redis.weather;
    if (outage !== undefined && this.redis.isDown) {
      if (outage.kind === 'hangs') this.time.after(outage.untilMs - this.time.now(), () => this.arrived(charge, waiting));
      return;
    }
    const answer = this.redis.take(charge);
    this.lastBack = Math.max(this.lastBack, this.time.now() + this.way());
    this.time.after(this.lastBack - this.time.now(), () => {
      if (this.waiting.delete(waiting)) waiting.resolve(answer);
    });
  }

  private way(): number {
    const { wayMs, jitterMs, loss } = this.redis.weather;
    let ms = wayMs + this.random.exponential(jitterMs);
    for (let again = RESEND_MS; this.random.next() < loss && again <= RESEND_MS * 8; again *= 2) ms += again;
    return ms;
  }

  /** The connect succeeds with a Redis that hangs too: the kernel accepts. */
  private reopen(): void {
    this.time.after(RECONNECT_MS + this.random.next() * RECONNECT_MS, () => {
      if (this.redis.isDown && this.redis.weather.outage?.kind === 'dies') return this.reopen();
      this.isOpen = true;
      this.lastThere = this.lastBack = this.time.now();
      this.opened();
    });
  }

  private watch(): void {
    if (this.isWatched) return;
    this.isWatched = true;
    this.time.after(SILENCE_MS, () => {
      this.isWatched = false;
      const [oldest] = this.waiting;
      if (oldest === undefined) return;
      if (this.time.now() - oldest.sentAt >= SILENCE_MS) this.lose();
      else this.watch();
    });
  }
}

const RESEND_MS = 200;
const RECONNECT_MS = 500;
const SILENCE_MS = 1_500;
