import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { normalizeIp, ThrottlerGuard, type ThrottlerLimitDetail, type ThrottlerModuleOptions, type ThrottlerStorage } from '@nestjs/throttler';
import { isLoopback } from '../config/http-address.js';
import { GatewayError } from '../contracts/gateway-error.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import type { Meter } from '../contracts/meter.js';

const OPTIONS: ThrottlerModuleOptions = {
  throttlers: [{ name: 'auth_failures', ttl: 60_000, limit: failuresPerMinute }],
  ipv6SubnetPrefix: 64,
  setHeaders: false,
};

/**
 * Counts failed credentials by address (IPv6: by /64) and refuses with 429 those over GATEWAY_AUTH_FAILURES_PER_MINUTE. Not for `@UseGuards`:
 * `AuthGuard` asks it once a credential has failed, so a valid one passes from any address. Loopback is never counted.
 */
export class AuthFailureThrottle extends ThrottlerGuard {
  constructor(
    private readonly meter: Meter,
    storage: ThrottlerStorage,
  ) {
    super(OPTIONS, storage, new Reflector());
  }

  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    return Promise.resolve(isLoopback(normalizeIp(context.switchToHttp().getRequest<GatewayRequest>().ip)));
  }

  /** By address alone: the package counts each handler apart, and a guesser would have a quota on every route. */
  protected override generateKey(_context: ExecutionContext, address: string): string {
    return address;
  }

  protected override throwThrottlingException(_context: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    this.meter.rateLimited('auth_failures');
    return Promise.reject(
      new GatewayError('rate_limit_exceeded', 'Too many requests with invalid credentials. Check the API key and try again later.', {
        retryAfterMs: detail.timeToBlockExpire * 1000,
      }),
    );
  }
}

/** Each worker counts for itself, so each gets its share: together they never let more than the setting through, rounded up to one each. */
function failuresPerMinute(context: ExecutionContext): number {
  const { auth, server } = context.switchToHttp().getRequest<GatewayRequest>().gateway.settings;
  return Math.max(1, Math.floor(auth.failuresPerMinute / server.workers));
}
