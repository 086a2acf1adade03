import { Meter } from '../../src/contracts/meter.js';
import type { Outcome } from '../../src/contracts/outcome.js';

/** Writes down what the house tells of itself: one line an event, durations left out. */
export class RecordingMeter extends Meter {
  readonly lines: string[] = [];

  /** The events of one kind, or of all. */
  of(kind: string): string[] {
    return this.lines.filter((line) => line.startsWith(`${kind} `));
  }

  override callStarted(): void {
    this.lines.push('callStarted ');
  }
  override requestEnded(): void {
    this.lines.push('requestEnded ');
  }
  override attemptEnded(upstream: string, outcome: Outcome, durationMs: number): void {
    if (!(durationMs >= 0)) throw new Error(`an attempt lasted ${durationMs}`);
    this.lines.push(`attemptEnded ${upstream} ${outcome}`);
  }
  override firstToken(upstream: string): void {
    this.lines.push(`firstToken ${upstream}`);
  }
  override interToken(upstream: string): void {
    this.lines.push(`interToken ${upstream}`);
  }
  override retried(upstream: string): void {
    this.lines.push(`retried ${upstream}`);
  }
  override retryRefused(upstream: string): void {
    this.lines.push(`retryRefused ${upstream}`);
  }
  override fellBack(from: string, to: string, reason: Outcome): void {
    this.lines.push(`fellBack ${from} ${to} ${reason}`);
  }
  override routed(route: string, target: string): void {
    this.lines.push(`routed ${route} ${target}`);
  }
  override sharesDecided(shares: ReadonlyMap<string, ReadonlyMap<string, number>>): void {
    for (const [route, targets] of shares) for (const [target, part] of targets) this.lines.push(`sharesDecided ${route} ${target} ${part}`);
  }
  override rateLimited(limit: 'requests' | 'auth_failures'): void {
    this.lines.push(`rateLimited ${limit}`);
  }
  override shed(reason: 'concurrency' | 'event_loop' | 'memory'): void {
    this.lines.push(`shed ${reason}`);
  }
  override circuitChanged(upstream: string, state: 'closed' | 'half-open' | 'open'): void {
    this.lines.push(`circuitChanged ${upstream} ${state}`);
  }
  override redisIsUp(up: boolean): void {
    this.lines.push(`redisIsUp ${up}`);
  }
  override configReloaded(result: 'ok' | 'refused'): void {
    this.lines.push(`configReloaded ${result}`);
  }
  override eventDropped(upstream: string): void {
    this.lines.push(`eventDropped ${upstream}`);
  }
}
