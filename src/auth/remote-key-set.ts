import type { Clock } from '../contracts/clock.js';
import { KeySet } from './key-set.js';

/** Keys are asked for again in the background from this age on, … */
const REFRESH_AFTER_MS = 4 * 60_000;
/** … and waited for when nobody asked for so long: a key withdrawn by the issuer is good no longer than that. */
const WAIT_AFTER_MS = 5 * 60_000;
/** Between two fetches, whatever tokens come. */
const COOLDOWN_MS = 30_000;
/** The same while no keys are known at all: every token is turned away until then. */
const RETRY_MS = 5_000;
/** So long known keys outlive an issuer that cannot be reached. */
const KNOWN_FOR_MS = 24 * 3_600_000;

/**
 * The keys of an issuer, fetched when a token needs them: one fetch at a time, shared by all who wait. There is no timer: without tokens
 * nothing is fetched and nothing is left to stop. A fetch that fails leaves the known keys in place and is told once.
 */
export class RemoteKeySet {
  private known: KeySet | undefined;
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private endedAt = -Infinity;
  private pending: Promise<void> | undefined;
  private isDown = false;

  constructor(
    private readonly fetchText: () => Promise<string>,
    private readonly clock: Clock,
    private readonly report: (news: string) => void,
  ) {}

  /** The keys to verify with, at once where possible; undefined when none are known and none can be had. Never rejects. */
  current(): KeySet | undefined | Promise<KeySet | undefined> {
    const now = this.clock.now();
    if (this.usable() === undefined) {
      if (this.pending === undefined && now - this.endedAt < RETRY_MS) return undefined;
      return this.refreshed();
    }
    if (now - this.endedAt >= WAIT_AFTER_MS) return this.refreshed();
    if (now - this.fetchedAt >= REFRESH_AFTER_MS && now - this.triedAt >= COOLDOWN_MS) void this.refresh();
    return this.known;
  }

  /** Keys other than these, for a token that names one they do not hold; undefined when there are none, or it is too soon to ask. */
  async otherThan(keys: KeySet): Promise<KeySet | undefined> {
    if (this.known === keys && (this.pending !== undefined || this.clock.now() - this.triedAt >= COOLDOWN_MS)) await this.refresh();
    return this.known === keys ? undefined : this.usable();
  }

  private usable(): KeySet | undefined {
    return this.clock.now() - this.fetchedAt < KNOWN_FOR_MS ? this.known : undefined;
  }

  private async refreshed(): Promise<KeySet | undefined> {
    await this.refresh();
    return this.usable();
  }

  private refresh(): Promise<void> {
    return (this.pending ??= this.load().finally(() => (this.pending = undefined)));
  }

  private async load(): Promise<void> {
    this.triedAt = this.clock.now();
    try {
      const text = await this.fetchText();
      // The same text is the same set: its imported keys and the tokens verified with them stay good.
      if (text !== this.known?.text) this.known = await KeySet.from(text);
      this.fetchedAt = this.clock.now();
      if (this.isDown) this.report('the keys that verify tokens (GATEWAY_JWT_JWKS_URL) can be fetched again');
      this.isDown = false;
    } catch (error) {
      const reason = error instanceof Error && !(error instanceof SyntaxError) ? error.message : 'no valid key set';
      if (!this.isDown) this.report(`the keys that verify tokens (GATEWAY_JWT_JWKS_URL) cannot be fetched: ${reason}; ${this.consequence()}`);
      this.isDown = true;
    }
    this.endedAt = this.clock.now();
  }

  private consequence(): string {
    return this.usable() === undefined ? 'tokens are answered 503 until they can be' : 'those known go on for 24 hours';
  }
}
