/**
 * Who was let in during one turn of the event loop. Whoever asks for the most fills the part of a turn in which everybody is let in; of those
 * found later, each may still have as many as would have been his fair share of it. So a turn becomes twice as long at most (but for one in which
 * many turn up whom nobody knew of), and one caller's flood is refused to himself. A name is a credential as it was presented: one that opens nothing is refused soon after, about as cheaply.
 */
export class TurnShares {
  private readonly counts = new Map<string, number>();
  private callersBefore = 0;
  private enteredInTime = 0;

  /** So many were let in while everybody was. */
  get inTime(): number {
    return this.enteredInTime;
  }

  /** A turn begins. */
  begin(): void {
    this.callersBefore = this.counts.size;
    this.counts.clear();
    this.enteredInTime = 0;
  }

  /** He is let in, while everybody is. */
  enter(name: string): void {
    this.enteredInTime += 1;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Whether he, who comes too late, is let in after all. */
  enterLate(name: string): boolean {
    const count = this.counts.get(name) ?? 0;
    // A caller who is alone has had all there was; the first turn cannot know yet how many there are.
    const callers = Math.max(this.counts.size, this.callersBefore);
    const isBehind = callers > 1 && count < Math.floor(this.enteredInTime / callers);
    this.counts.set(name, isBehind ? count + 1 : count);
    return isBehind;
  }
}
