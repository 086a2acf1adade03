export type Signal = 'traces' | 'metrics';

/** Whether a collector takes what it is sent, told once for each change: the first word of it is a change too. */
export class CollectorWatch {
  private readonly states = new Map<Signal, boolean>();
  private listener: (signal: Signal, takes: boolean) => void = () => {};

  onChange(listener: (signal: Signal, takes: boolean) => void): void {
    this.listener = listener;
  }

  sent(signal: Signal, taken: boolean): void {
    if (this.states.get(signal) === taken) return;
    this.states.set(signal, taken);
    this.listener(signal, taken);
  }
}
