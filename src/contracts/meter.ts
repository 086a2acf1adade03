import type { Outcome } from './outcome.js';
import type { RequestContext } from './request-context.js';

/** What the house tells of itself, in its own words. Nobody but its implementation knows of counters and labels. Never throws, never waits. */
export abstract class Meter {
  /** An inference call came in; `requestEnded` takes it out again. */
  abstract callStarted(): void;
  /** Once per request, when its reply closed, however it ended. `inference` says whether `callStarted` was told. */
  abstract requestEnded(context: RequestContext, status: number, durationMs: number, inference: boolean): void;
  abstract attemptEnded(upstream: string, outcome: Outcome, durationMs: number): void;
  abstract firstToken(upstream: string, afterMs: number): void;
  abstract interToken(upstream: string, gapMs: number): void;
  abstract retried(upstream: string): void;
  /** A repeat was due, and the upstream's budget of repeats had none left. */
  abstract retryRefused(upstream: string): void;
  abstract fellBack(from: string, to: string, reason: Outcome): void;
  abstract routed(route: string, target: string): void;
  /** What every route is to give each of its targets, whenever that is decided anew: parts of 1, by route and target. */
  abstract sharesDecided(shares: ReadonlyMap<string, ReadonlyMap<string, number>>): void;
  abstract rateLimited(limit: 'requests' | 'auth_failures'): void;
  abstract shed(reason: 'concurrency' | 'event_loop' | 'memory'): void;
  abstract circuitChanged(upstream: string, state: 'closed' | 'half-open' | 'open'): void;
  abstract redisIsUp(up: boolean): void;
  abstract configReloaded(result: 'ok' | 'refused'): void;
  /** An event of an upstream's stream was no JSON and was dropped. */
  abstract eventDropped(upstream: string): void;
}
