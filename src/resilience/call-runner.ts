import type { Clock } from '../contracts/clock.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { Meter } from '../contracts/meter.js';
import type { Outcome } from '../contracts/outcome.js';
import type { RequestContext } from '../contracts/request-context.js';
import type { RoutePlan, Target } from '../contracts/target.js';
import type { AdapterTable } from '../upstream/adapters.js';
import { FAILURES, UpstreamFailure } from '../upstream/upstream-failure.js';
import type { UpstreamTransport } from '../upstream/upstream-transport.js';
import { Attempt, type Reply } from './attempt.js';
import { AttemptBooks } from './attempt-books.js';
import { CallEnd } from './call-end.js';
import type { Delivery } from './delivery.js';
import { pause } from './pause.js';
import { ObservedAdapter } from './observed-adapter.js';
import type { Permit } from './permit.js';
import { repeatWaitMs } from './repeat-wait.js';
import type { Refusal, TargetHealth } from './target-health.js';

/** Below this there is no time left for an attempt to come to anything. */
const ATTEMPT_MS_MIN = 5;

/**
 * Tries the targets of a plan until one answers, and lends its reply to the delivery; from then on a failure is final.
 * Resolves when the reply was handed over or the client left; rejects with the `GatewayError` that the client is to be told.
 */
export class CallRunner {
  constructor(
    private readonly health: TargetHealth,
    private readonly adapters: AdapterTable,
    private readonly transport: UpstreamTransport,
    private readonly meter: Meter,
    private readonly clock: Clock,
  ) {}

  async run(plan: RoutePlan, call: InferenceCall, context: RequestContext, delivery: Delivery): Promise<void> {
    const end = new CallEnd(context.settings, call.endpoint);
    const leftMs = (): number => context.startedAt + context.settings.resilience.totalTimeoutMs - this.clock.now();
    const mayTry = (): boolean => context.attempts < context.settings.resilience.attemptsMax && leftMs() > ATTEMPT_MS_MIN;
    let previous: { readonly target: Target; readonly reason: Outcome } | undefined;

    for (const target of plan) {
      for (let repeat = 0; mayTry() && !delivery.gone; repeat++) {
        const permit = await this.permit(target, call, context, delivery, leftMs() - ATTEMPT_MS_MIN);
        if ('refused' in permit) {
          end.refused(target, permit);
          previous ??= { target, reason: permit.refused === 'resting' ? 'rate_limited' : 'circuit_open' };
          break;
        }
        // It may have left while a slot, or the leave to probe, was waited for.
        if (delivery.gone) return permit.release();
        if (previous !== undefined && previous.target !== target) this.fellBack(previous, target, context);
        if (repeat > 0) this.meter.retried(target.upstream.name);
        else this.health.of(target.upstream).retries.deposit(context.settings.resilience.retryBudgetPercent);
        const failure = await this.attempt(target, permit, call, context, delivery, leftMs);
        if (failure === undefined || failure.kind === 'client_gone') return;
        const { retry, outcome } = FAILURES[failure.kind];
        end.failed(target, failure);
        if (retry === 'never') throw end.error();
        previous = { target, reason: outcome };
        if (!(await this.mayRepeat(failure, target, repeat, context, delivery, leftMs()))) break;
      }
    }
    if (delivery.gone) return;
    const lastResort = end.leastBad(this.health);
    const forced = lastResort !== undefined && mayTry() ? this.health.force(lastResort.upstream, call.principal.id) : undefined;
    if (lastResort !== undefined && forced !== undefined && !('refused' in forced)) {
      if (previous !== undefined && previous.target !== lastResort) this.fellBack(previous, lastResort, context);
      const failure = await this.attempt(lastResort, forced, call, context, delivery, leftMs);
      if (failure === undefined || failure.kind === 'client_gone') return;
      end.failed(lastResort, failure);
    }
    if (end.isFull) this.meter.shed('concurrency');
    throw end.error();
  }

  private permit(
    target: Target,
    call: InferenceCall,
    context: RequestContext,
    delivery: Delivery,
    waitMsMax: number,
  ): Permit | Refusal | Promise<Permit | Refusal> {
    const ms = Math.min(context.settings.resilience.queueMs, waitMsMax);
    const waits = { ms, onGone: (listener: (() => void) | undefined) => delivery.onGone(listener) };
    return this.health.acquire(target.upstream, call.principal.id, waits);
  }

  /** undefined: the reply was handed over. Anything that is no `UpstreamFailure` is a fault of our own, and blames nobody. */
  private async attempt(
    target: Target,
    permit: Permit,
    call: InferenceCall,
    context: RequestContext,
    delivery: Delivery,
    leftMs: () => number,
  ): Promise<UpstreamFailure | undefined> {
    const { upstream } = target;
    const memory = this.health.of(upstream);
    context.upstream = upstream.name;
    context.attempts += 1;
    const trace = context.trace?.attemptBegan(target, call, context);
    const books = new AttemptBooks(call, upstream.name, memory, permit, context, this.meter, this.clock, trace);
    const plain = this.adapters.for(upstream, call);
    const adapter = trace?.wantsReply === true ? new ObservedAdapter(plain, trace) : plain;
    const tools = { adapter, transport: this.transport, settings: context.settings, totalLeftMs: leftMs };
    const attempt = new Attempt(trace?.headers === undefined ? call : withTrace(call, trace.headers), target, books, tools);
    delivery.onGone(() => attempt.cancel());
    let reply: Reply;
    try {
      reply = await attempt.begin();
    } catch (error) {
      delivery.onGone(undefined);
      if (!(error instanceof UpstreamFailure)) permit.release();
      else books.failed(error);
      if (error instanceof UpstreamFailure) return error;
      throw error;
    }
    if ('answer' in reply) {
      delivery.onGone(undefined);
      books.answered(reply.answer);
      delivery.answer(reply.answer, target, reply.headers);
      return undefined;
    }
    try {
      delivery.stream(reply.live, target, reply.headers);
    } catch (error) {
      reply.live.cancel();
      throw error;
    }
    return undefined;
  }

  /** Whether the same target is tried again, after the wait that this takes. */
  private async mayRepeat(
    failure: UpstreamFailure,
    target: Target,
    repeat: number,
    context: RequestContext,
    delivery: Delivery,
    leftMs: number,
  ): Promise<boolean> {
    const { circuit, retries } = this.health.of(target.upstream);
    const { attemptsMax, retryAfterWaitMsMax } = context.settings.resilience;
    if (repeat > 0 || context.attempts >= attemptsMax || circuit.state !== 'closed' || delivery.gone) return false;
    const waitMs = repeatWaitMs(failure, retryAfterWaitMsMax);
    if (waitMs === undefined || waitMs >= leftMs) return false;
    if (!retries.tryRetry()) {
      this.meter.retryRefused(target.upstream.name);
      return false;
    }
    const from = this.clock.now();
    await pause(waitMs, (listener) => delivery.onGone(listener));
    context.waitedMs += this.clock.now() - from;
    return true;
  }

  private fellBack(previous: { readonly target: Target; readonly reason: Outcome }, target: Target, context: RequestContext): void {
    context.fallback = true;
    this.meter.fellBack(previous.target.upstream.name, target.upstream.name, previous.reason);
  }
}

/** The call as its upstream is to see it: what the client said of its own trace gives way. */
function withTrace(call: InferenceCall, trace: Readonly<Record<string, string>>): InferenceCall {
  const { traceparent: _parent, tracestate: _state, ...headers } = call.headers;
  return { ...call, headers: { ...headers, ...trace } };
}
