import { type Clock, monotonicClock } from '../contracts/clock.js';
import type { Charge, RateDecision, StoreUnavailable } from '../contracts/rate-limit.js';
import type { WorkerLink } from '../contracts/worker-link.js';
import { RateLimitStore } from './rate-limit-store.js';
import { type ChargeRow, RATE_LIMIT_TOPIC, rowOf } from './rate-limit-rows.js';
import type { StandIn } from './stand-in.js';
import { debtOf, decisionOf } from './token-bucket.js';

/**
 * The buckets that the workers of one machine share: the process that started them keeps them. The takes of one turn of the event
 * loop go as one message. A primary that does not answer is left alone for a second, and this worker takes its own part meanwhile.
 */
export class SharedRateLimitStore extends RateLimitStore {
  private waiting: Waiting[] = [];
  private awayUntil = -Infinity;

  constructor(
    private readonly link: WorkerLink,
    private readonly standIn: StandIn,
    private readonly clock: Clock = monotonicClock,
  ) {
    super();
  }

  override take(charge: Charge): RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable> {
    if (this.clock.now() < this.awayUntil) return this.without(charge);
    return new Promise((resolve) => {
      this.waiting.push({ charge, resolve });
      if (this.waiting.length === 1) setImmediate(() => void this.askAll());
    });
  }

  override async close(): Promise<void> {
    await this.standIn.close();
  }

  private async askAll(): Promise<void> {
    const asked = this.waiting;
    this.waiting = [];
    const verdicts = await this.verdictsFor(asked);
    for (const [index, { charge, resolve }] of asked.entries()) {
      const verdict = verdicts?.[index];
      if (verdict === undefined) resolve(this.without(charge));
      else {
        this.standIn.heard(charge.bucket, debtOf(verdict));
        resolve(decisionOf(verdict, charge));
      }
    }
  }

  private without(charge: Charge): RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable> {
    return charge.cost > 0 ? this.standIn.take(charge) : 'store_unavailable';
  }

  private async verdictsFor(asked: readonly Waiting[]): Promise<readonly number[] | undefined> {
    try {
      const rows: ChargeRow[] = asked.map(({ charge }) => rowOf(charge, Math.max(charge.debtMs ?? 0, this.standIn.takeNews(charge))));
      const answer = await this.link.ask(RATE_LIMIT_TOPIC, rows, WAIT_MS);
      if (Array.isArray(answer) && answer.length === asked.length && answer.every((verdict) => typeof verdict === 'number')) return answer;
    } catch {
      // As below.
    }
    this.awayUntil = this.clock.now() + AWAY_MS;
    return undefined;
  }
}

interface Waiting {
  readonly charge: Charge;
  readonly resolve: (decision: RateDecision | StoreUnavailable | Promise<RateDecision | StoreUnavailable>) => void;
}

/** A primary that is gone takes its workers with it: one that is silent is busy, and every part taken meanwhile would be one too many. */
const WAIT_MS = 1000;
const AWAY_MS = 1000;
