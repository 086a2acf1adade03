/**
 * Lets at most so many calls at one upstream at a time. Who may wait, waits in order of arrival and never longer than he said.
 * The number may change between calls: with more slots those who wait are let in at the next arrival, with fewer only once it fits.
 */
export class ConcurrencyGate {
  private inside = 0;
  private max = 1;
  private readonly waiting = new Set<(entered: boolean) => void>();

  get active(): number {
    return this.inside;
  }

  tryEnter(max: number): boolean {
    this.max = max;
    this.admit();
    if (this.inside >= max) return false;
    this.inside += 1;
    return true;
  }

  /** Resolves to false when the time is up or `giveUp` was called; nobody is let in after that. */
  wait(waitMs: number): { readonly entered: Promise<boolean>; giveUp(): void } {
    let settle: (entered: boolean) => void = () => {};
    const entered = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => settle(false), waitMs);
      settle = (isIn) => {
        clearTimeout(timer);
        this.waiting.delete(settle);
        resolve(isIn);
      };
      this.waiting.add(settle);
    });
    return { entered, giveUp: () => settle(false) };
  }

  leave(): void {
    this.inside -= 1;
    this.admit();
  }

  private admit(): void {
    for (const enter of this.waiting) {
      if (this.inside >= this.max) return;
      this.inside += 1;
      enter(true);
    }
  }
}
