import { GatewayError } from '../contracts/gateway-error.js';
import type { Endpoint } from '../contracts/endpoint.js';
import { overloaded } from '../contracts/overloaded.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { Target } from '../contracts/target.js';
import { FAILURES, type UpstreamFailure } from '../upstream/upstream-failure.js';
import { passesWords } from './passes-words.js';
import type { Refusal, TargetHealth } from './target-health.js';

/** Collects how the targets of one call refused and failed, and finds the words for it when none is left. */
export class CallEnd {
  private readonly refusals: { readonly target: Target; readonly refusal: Refusal }[] = [];
  private last: { readonly target: Target; readonly failure: UpstreamFailure } | undefined;
  /** The shortest rest that an upstream asked for in this call. */
  private askedMs = Infinity;
  /** A prompt too long for one model may fit another's window; if none takes it, the first one's words are the answer. */
  private tooLong: { readonly target: Target; readonly failure: UpstreamFailure } | undefined;

  constructor(
    private readonly settings: GatewaySettings,
    private readonly endpoint: Endpoint,
  ) {}

  refused(target: Target, refusal: Refusal): void {
    this.refusals.push({ target, refusal });
  }

  failed(target: Target, failure: UpstreamFailure): void {
    // A fallback that does not take this request says nothing of why the first one failed; a content filter speaks of the prompt.
    if (failure.kind === 'rejected' && failure.details.isFiltered !== true && this.last !== undefined && this.last.target !== target) return;
    this.last = { target, failure };
    if (failure.kind === 'context_length') this.tooLong ??= { target, failure };
    if (FAILURES[failure.kind].outcome === 'rate_limited') this.askedMs = Math.min(this.askedMs, failure.details.retryAfterMs ?? RETRY_AFTER_MS);
  }

  get isFull(): boolean {
    return this.last === undefined && this.shortest('circuit_open', 'merely_bad', 'resting') === undefined && this.refusals.length > 0;
  }

  /** Nothing was tried, and some targets were left out only for their share of failures: the best of them. */
  leastBad(health: TargetHealth): Target | undefined {
    if (this.last !== undefined) return undefined;
    const bad = this.refusals.filter(({ refusal }) => refusal.refused === 'merely_bad').map(({ target }) => target);
    const percentOf = (target: Target): number => health.of(target.upstream).circuit.failurePercent;
    return bad.toSorted((one, other) => percentOf(one) - percentOf(other))[0];
  }

  error(): GatewayError {
    if (this.tooLong !== undefined) return passedThrough(this.tooLong.failure, this.passes(this.tooLong.target));
    if (this.last === undefined) return this.nobodyHome();
    const { target, failure } = this.last;
    switch (failure.kind) {
      case 'rejected':
      case 'context_length':
        return passedThrough(failure, this.passes(target));
      case 'rate_limited':
      case 'quota_exhausted':
        return this.rateLimited(failure, target);
      case 'unreachable':
      case 'connect_timeout':
      case 'first_byte_timeout':
      case 'server_error':
      case 'invalid':
      case 'auth':
      case 'interrupted':
      case 'stalled':
      case 'unread':
      case 'client_gone': {
        if (failure.details.isOurs === true) return overloaded();
        const provider = failure.kind === 'server_error' && this.passes(target) ? providerWords(failure) : undefined;
        const details = { shouldRetry: false, cause: failure } as const;
        return new GatewayError(FAILURES[failure.kind].code, failure.message, provider === undefined ? details : { ...details, provider });
      }
    }
  }

  private rateLimited(failure: UpstreamFailure, target: Target): GatewayError {
    const retryAfterMs = Math.min(this.shortest('resting') ?? Infinity, this.askedMs);
    const provider = this.passes(target) ? providerWords(failure) : undefined;
    // A quota that is used up is not back in a while: who asks again asks in vain.
    const details = { retryAfterMs, cause: failure, ...(failure.kind === 'quota_exhausted' && ({ shouldRetry: false } as const)) };
    return new GatewayError('upstream_rate_limited', failure.message, provider === undefined ? details : { ...details, provider });
  }

  private nobodyHome(): GatewayError {
    const rest = this.shortest('resting');
    if (rest !== undefined)
      return new GatewayError('upstream_rate_limited', 'Every upstream for this model asked to be left alone for a while. Please try again later.', {
        retryAfterMs: rest,
      });
    const open = this.shortest('circuit_open', 'merely_bad');
    if (open !== undefined)
      return new GatewayError('circuit_open', 'Every upstream for this model failed too often and is not called for now. Please try again later.', {
        retryAfterMs: open,
      });
    if (this.refusals.length > 0)
      return new GatewayError('overloaded', 'Every upstream for this model is busy. Please try again shortly.', {
        retryAfterMs: jittered(RETRY_AFTER_MS),
      });
    return new GatewayError(
      'upstream_timeout',
      `The call could not be answered within ${this.settings.resilience.totalTimeoutMs / 1000} s (GATEWAY_TOTAL_TIMEOUT_SECONDS).`,
      { shouldRetry: false },
    );
  }

  private passes({ upstream }: Target): boolean {
    return passesWords(upstream, this.endpoint);
  }

  private shortest(...kinds: readonly Refusal['refused'][]): number | undefined {
    const waits = this.refusals.filter(({ refusal }) => kinds.includes(refusal.refused)).map(({ refusal }) => refusal.retryAfterMs);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }
}

const RETRY_AFTER_MS = 1_000;

/** One to three times as long, so that those who were turned away do not come back together. */
function jittered(ms: number): number {
  return ms * (1 + 2 * Math.random());
}

function passedThrough(failure: UpstreamFailure, inItsBytes: boolean): GatewayError {
  const { status = 400, retryAfterMs, rawBody } = failure.details;
  const body = inItsBytes && rawBody !== undefined ? rawBody : failure.details.body;
  const provider = body === undefined ? undefined : { provider: { status, body } };
  return new GatewayError(FAILURES[failure.kind].code, failure.message, {
    cause: failure,
    ...provider,
    ...(retryAfterMs === undefined ? undefined : { retryAfterMs }),
  });
}

function providerWords(failure: UpstreamFailure): { readonly status: number; readonly body: Buffer } | undefined {
  const { status, rawBody } = failure.details;
  return status === undefined || rawBody === undefined ? undefined : { status, body: rawBody };
}
