import { createHash } from 'node:crypto';
import { type Clock, monotonicClock } from '../contracts/clock.js';
import type { Charge, RateDecision, SharedStoreStatus, StoreUnavailable } from '../contracts/rate-limit.js';
import { RateLimitStore } from './rate-limit-store.js';
import type { RedisConnection } from './redis-connection.js';
import { RedisWatch } from './redis-watch.js';
import type { StandIn } from './stand-in.js';
import { debtOf, decisionOf } from './token-bucket.js';

export interface RedisStoreOptions {
  readonly onRedisDown: () => 'local' | 'deny' | 'allow';
  /** Once per change, and once when Redis first answered or failed to. */
  readonly onState?: (up: boolean) => void;
  readonly clock?: Clock;
}

/**
 * The buckets that all replicas share. A request waits for Redis at most a tenth of a second, and then nobody does: until a probe
 * is answered, takes go as the operator chose. A take that was given up may still be counted by Redis: too much, never too little.
 */
export class RedisRateLimitStore extends RateLimitStore {
  private readonly clock: Clock;
  private readonly watch: RedisWatch;
  /** In the order in which they were sent; the first is not over. No `Set`: see `InFlight`. */
  private readonly asked: Asked[] = [];
  private deadline: NodeJS.Timeout | undefined;
  private readonly opening: Promise<void>;
  private isOpening = true;
  /** In a cluster the node that failed is the one to probe. */
  private probed = 'probe';

  constructor(
    private readonly connection: RedisConnection,
    private readonly standIn: StandIn,
    private readonly options: RedisStoreOptions,
  ) {
    super();
    this.clock = options.clock ?? monotonicClock;
    let opened = (): void => undefined;
    this.opening = new Promise((resolve) => (opened = resolve));
    this.watch = new RedisWatch(
      () => connection.take(`${keyOf(this.probed)}:probe`, PROBE_CAPACITY, PROBE_CAPACITY, 1, 0).then(verdictOf),
      (up) => {
        this.isOpening = false;
        opened();
        options.onState?.(up);
      },
      this.clock,
    );
    connection.onOpened(() => this.watch.lineOpened());
    connection.onLost(() => this.lost());
    this.watch.watch();
  }

  override get status(): SharedStoreStatus {
    return this.watch.isUp ? 'up' : 'down';
  }

  /** Settles once it is known whether Redis answers, at most after `withinMs`; a gateway starts either way. */
  async opened(withinMs: number): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (late = setTimeout(resolve, withinMs)));
    await Promise.race([this.opening, patience]);
    clearTimeout(late);
    if (!this.isOpening) return;
    this.isOpening = false;
    this.options.onState?.(false);
  }

  override take(charge: Charge): RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable> {
    if (!this.watch.isUp) return this.without(charge);
    const { bucket } = charge;
    const debtMs = Math.max(charge.debtMs ?? 0, this.standIn.takeNews(charge));
    return new Promise((resolve) => {
      const asked: Asked = { charge, resolve, sentAt: this.clock.now(), isOver: false };
      this.asked.push(asked);
      if (this.deadline === undefined) this.awaitDeadline(WAIT_MS);
      this.connection.take(keyOf(bucket), charge.capacity, charge.refillPerMinute, charge.cost, debtMs).then(
        (reply) => this.answered(asked, reply),
        () => this.failed(asked),
      );
    });
  }

  override async close(): Promise<void> {
    this.watch.close();
    clearTimeout(this.deadline);
    this.giveUpAll();
    await this.connection.close();
    await this.standIn.close();
  }

  private answered(asked: Asked, reply: unknown): void {
    let verdict: number;
    try {
      verdict = verdictOf(reply);
    } catch {
      return this.failed(asked);
    }
    if (!this.ended(asked)) return;
    this.standIn.heard(asked.charge.bucket, debtOf(verdict));
    asked.resolve(decisionOf(verdict, asked.charge));
  }

  private failed(asked: Asked): void {
    if (!this.ended(asked)) return;
    this.probed = asked.charge.bucket;
    this.watch.failed();
    asked.resolve(this.without(asked.charge));
  }

  /** Whether it was not over before. */
  private ended(asked: Asked): boolean {
    if (asked.isOver) return false;
    asked.isOver = true;
    while (this.asked[0]?.isOver === true) this.asked.shift();
    return true;
  }

  private lost(): void {
    this.watch.failed();
    this.giveUpAll();
  }

  /** Nobody waits longer once one has waited in vain. */
  private giveUpAll(): void {
    for (const asked of this.asked.slice()) this.failed(asked);
  }

  private awaitDeadline(afterMs: number): void {
    this.deadline = setTimeout(() => {
      // Answers that came while this process was busy are read before anybody is blamed.
      if (this.isOverdue()) setImmediate(() => this.judgeDeadline());
      else this.judgeDeadline();
    }, afterMs);
  }

  private judgeDeadline(): void {
    this.deadline = undefined;
    if (this.isOverdue()) return this.giveUpAll();
    const [oldest] = this.asked;
    if (oldest !== undefined) this.awaitDeadline(oldest.sentAt + WAIT_MS - this.clock.now());
  }

  private isOverdue(): boolean {
    const [oldest] = this.asked;
    return oldest !== undefined && this.clock.now() - oldest.sentAt >= WAIT_MS - 1;
  }

  private without(charge: Charge): RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable> {
    if (charge.cost === 0) return 'store_unavailable';
    switch (this.options.onRedisDown()) {
      case 'local':
        return this.standIn.take(charge);
      case 'deny':
        return 'store_unavailable';
      case 'allow':
        return { allowed: true, remaining: Math.floor(charge.capacity), resetMs: 0, retryAfterMs: 0 };
    }
  }
}

interface Asked {
  readonly charge: Charge;
  readonly resolve: (decision: RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable>) => void;
  readonly sentAt: number;
  isOver: boolean;
}

/** Below the tenth of a second that is promised: a timer may be late. */
const WAIT_MS = 95;
const PROBE_CAPACITY = 60_000;
const PLAIN = /^[A-Za-z0-9:]{1,64}$/;

/** The braces keep all that belongs to one bucket on one node of a cluster. */
export function keyOf(bucket: string): string {
  return `nexus:rate:{${PLAIN.test(bucket) ? bucket : createHash('sha256').update(bucket).digest('hex')}}`;
}

function verdictOf(reply: unknown): number {
  if (typeof reply !== 'number' || !Number.isFinite(reply)) throw new TypeError('The store answered no number.');
  return reply / 1000;
}
