import type { Clock } from '../contracts/clock.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { Meter } from '../contracts/meter.js';
import type { RequestContext } from '../contracts/request-context.js';
import type { AttemptTrace } from '../contracts/telemetry.js';
import type { TokenUsage } from '../contracts/token-usage.js';
import type { Answer, StreamTranslator } from '../upstream/upstream-adapter.js';
import { FAILURES, UpstreamFailure } from '../upstream/upstream-failure.js';
import type { AttemptObserver } from './attempt.js';
import type { Permit } from './permit.js';
import type { UpstreamMemory } from './upstream-memory.js';

/** Keeps the books of one attempt: what the upstream's memory, the meter and the log have to know of it. Ends its permit. */
export class AttemptBooks implements AttemptObserver {
  private readonly startedAt: number;
  private waitingSince: number;
  private lastTokenAt = 0;
  private readonly heardBefore: number;
  private heardItself = 0;

  constructor(
    private readonly call: InferenceCall,
    private readonly upstream: string,
    private readonly memory: UpstreamMemory,
    private readonly permit: Permit,
    private readonly context: RequestContext,
    private readonly meter: Meter,
    private readonly clock: Clock,
    private readonly trace?: AttemptTrace,
  ) {
    this.startedAt = clock.now();
    this.heardBefore = memory.heard;
    this.waitingSince = this.startedAt;
  }

  heard(): void {
    this.memory.heard += 1;
    this.heardItself += 1;
  }

  proven(): void {
    this.permit.proven();
    this.memory.rest.over();
  }

  firstContent(): void {
    const now = this.clock.now();
    this.lastTokenAt = now;
    this.context.ttftMs = now - this.context.startedAt;
    this.meter.firstToken(this.upstream, now - this.startedAt);
    this.trace?.firstContent(this.context.ttftMs);
    this.waited();
  }

  content(): void {
    const now = this.clock.now();
    const gapMs = now - this.lastTokenAt;
    this.meter.interToken(this.upstream, gapMs);
    this.trace?.content(gapMs);
    this.lastTokenAt = now;
  }

  answered({ usage, isOurs }: Answer): void {
    this.waited();
    this.use(usage, 0);
    // What the house said in its place neither blames nor clears it.
    if (isOurs === true) this.permit.release();
    else this.permit.succeed();
    this.ok();
  }

  ended(translator: StreamTranslator, failure: UpstreamFailure | undefined): void {
    this.waited();
    this.use(translator.usage, translator.deltas);
    for (let dropped = translator.dropped; dropped > 0; dropped--) this.meter.eventDropped(this.upstream);
    if (failure !== undefined) return this.close(failure);
    this.permit.succeed();
    this.ok();
  }

  failed(failure: UpstreamFailure): void {
    this.waited();
    if (failure.kind === 'client_gone') this.use(undefined, 0);
    if (failure.kind === 'rate_limited' || failure.kind === 'quota_exhausted') this.memory.rest.begin(failure.details.retryAfterMs);
    this.close(failure);
  }

  private ok(): void {
    this.meter.attemptEnded(this.upstream, 'ok', this.clock.now() - this.startedAt);
    this.trace?.ended('ok');
  }

  private close(failure: UpstreamFailure): void {
    const { blame, outcome } = FAILURES[failure.kind];
    if (blame && failure.details.isOurs !== true && !this.isLongAnswer(failure)) this.permit.fail();
    else this.permit.release();
    this.meter.attemptEnded(this.upstream, outcome, this.clock.now() - this.startedAt);
    this.trace?.ended(outcome, { kind: failure.kind, status: failure.details.status });
  }

  /** No first byte of a whole answer, while the same upstream answered others: it is slow at this one, not dead. */
  private isLongAnswer(failure: UpstreamFailure): boolean {
    return failure.kind === 'first_byte_timeout' && !this.call.stream && this.memory.heard - this.heardBefore > this.heardItself;
  }

  /** Without the upstream's own figures: about four bytes of a request a token, and a token a delta. */
  private use(usage: TokenUsage | undefined, deltas: number): void {
    this.context.usage = usage ?? { input: Math.ceil(this.call.body.length / BYTES_PER_TOKEN), output: deltas, cached: 0, reasoning: 0 };
    this.context.usageEstimated = usage === undefined;
  }

  private waited(): void {
    const now = this.clock.now();
    this.context.waitedMs += now - this.waitingSince;
    this.waitingSince = now;
  }
}

const BYTES_PER_TOKEN = 4;
