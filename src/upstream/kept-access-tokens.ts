import { type Clock, monotonicClock } from '../contracts/clock.js';
import { AccessTokens } from './access-tokens.js';
import type { GivenToken } from './given-token.js';

/**
 * Tokens that somebody gives out one at a time, each kept until five minutes before its end. In those last minutes calls go on with it while
 * the next one is fetched; only without any does a call wait, together with all others, and a failure is then theirs. The next call asks anew.
 */
export class KeptAccessTokens extends AccessTokens {
  private kept: Kept | undefined;
  private asked: Promise<string> | undefined;

  /** `fetch`: asks for the next one, in at most so long. */
  constructor(
    private readonly fetch: (timeoutMs: number) => Promise<GivenToken>,
    private readonly clock: Clock = monotonicClock,
  ) {
    super();
  }

  override authorization(): string | Promise<string> {
    const now = this.clock.now();
    const { kept } = this;
    if (kept === undefined || now >= kept.goodUntil) return this.ask(now);
    // Nobody waits for this one: whether it failed is seen when the token is over.
    if (now >= kept.freshUntil) this.ask(now).catch(() => (kept.freshUntil = this.clock.now() + AGAIN_MS));
    return kept.authorization;
  }

  private ask(now: number): Promise<string> {
    this.asked ??= this.fetched(now).finally(() => (this.asked = undefined));
    return this.asked;
  }

  private async fetched(askedAt: number): Promise<string> {
    const { token, lifetimeMs } = await this.fetch(TIMEOUT_MS);
    const freshMs = Math.max(lifetimeMs - LAST_MINUTES_MS, lifetimeMs / 2);
    this.kept = { authorization: `Bearer ${token}`, freshUntil: askedAt + freshMs, goodUntil: askedAt + lifetimeMs };
    return this.kept.authorization;
  }
}

interface Kept {
  readonly authorization: string;
  freshUntil: number;
  readonly goodUntil: number;
}

const TIMEOUT_MS = 10_000;
const LAST_MINUTES_MS = 300_000;
const AGAIN_MS = 10_000;
