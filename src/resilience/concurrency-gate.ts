/** Lets at most so many calls at one upstream at a time. Who may wait, waits in order of arrival and never longer than he said. */
export class ConcurrencyGate {
  private inside = 0;
  private readonly waiting = new Set<(entered: boolean) => void>();

  get active(): number {
    return this.inside;
  }

  tryEnter(max: number): boolean {
    if (this.inside >= max || this.waiting.size > 0) return false;
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
    const [first] = this.waiting;
    if (first === undefined) this.inside -= 1;
    else first(true);
  }
}
