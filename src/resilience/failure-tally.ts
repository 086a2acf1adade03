/**
 * Failures in a row of one upstream, and whose calls they were. While several principals call, the failures of one alone
 * prove nothing against the upstream: it may be his prompts.
 */
export class FailureTally {
  private count = 0;
  private readonly principals = new Set<string>();

  get failures(): number {
    return this.count;
  }

  /** Whether the circuit has to open now. */
  failed(principal: string, severalCall: boolean, failuresMax: number): boolean {
    this.count += 1;
    if (this.principals.size < PRINCIPALS_MIN) this.principals.add(principal);
    return this.count >= failuresMax && (this.principals.size >= PRINCIPALS_MIN || !severalCall);
  }

  reset(): void {
    this.count = 0;
    // Clearing makes a new table, full or empty; most calls succeed.
    if (this.principals.size > 0) this.principals.clear();
  }
}

const PRINCIPALS_MIN = 2;
