import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GatewayError } from '../contracts/gateway-error.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import { Meter } from '../contracts/meter.js';
import type { Principal } from '../contracts/principal.js';
import type { RateDecision, StoreUnavailable } from '../contracts/rate-limit.js';
import type { RequestContext } from '../contracts/request-context.js';
import { callCharge } from './call-charge.js';
import { rateLimitHeaders } from './rate-limit-headers.js';
import { RateLimitStore } from './rate-limit-store.js';

/**
 * Is there room? Takes one charge from the caller's bucket for each call that may be made, and sets `rateLimitHeaders`. Refuses with 429
 * when there is none, with 503 when nobody can say and the operator wants it so. An unlimited caller is neither charged nor told.
 */
@Injectable()
export class ThrottleGuard implements CanActivate {
  constructor(
    private readonly store: RateLimitStore,
    private readonly meter: Meter,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { gateway } = context.switchToHttp().getRequest<GatewayRequest>();
    const { principal } = gateway;
    if (principal === undefined) throw new Error('the throttle guard stands after the auth guard');
    if (principal.rateLimitPerMinute === 0) return true;
    const decision = this.store.take(callCharge(principal));
    return decision instanceof Promise ? decision.then((made) => this.obey(made, principal, gateway)) : this.obey(decision, principal, gateway);
  }

  private obey(decision: RateDecision | StoreUnavailable, { kind, rateLimitPerMinute: limit }: Principal, gateway: RequestContext): true {
    if (decision === 'store_unavailable')
      throw new GatewayError('rate_limit_store_unavailable', 'The rate limit cannot be checked at the moment. Please try again in a few seconds.', {
        retryAfterMs: UNAVAILABLE_RETRY_MS,
      });
    gateway.rateLimitHeaders = rateLimitHeaders(limit, decision);
    if (decision.allowed) return true;
    this.meter.rateLimited('requests');
    const { retryAfterMs } = decision;
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    const whose = kind === 'key' ? 'this key' : 'the subject of this token';
    throw new GatewayError(
      'rate_limit_exceeded',
      `Rate limit reached for requests: ${whose} has ${limit} a minute. Please try again in ${seconds}s.`,
      {
        retryAfterMs,
      },
    );
  }
}

const UNAVAILABLE_RETRY_MS = 2_000;
