/**
 * How many calls to one upstream may be repeats: a share of the calls it was given, and a few to begin with.
 * A dead upstream so sees at most `percent` more than the load that was offered to it.
 */
export class RetryBudget {
  private tokens = TOKENS_FIRST;

  /** Told of every first attempt. */
  deposit(percent: number): void {
    this.tokens = Math.min(TOKENS_MAX, this.tokens + percent / 100);
  }

  /** Takes leave for one repeat. */
  tryRetry(): boolean {
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

const TOKENS_FIRST = 3;
const TOKENS_MAX = 10;
