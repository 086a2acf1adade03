import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GatewayError } from '../contracts/gateway-error.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import { AuthFailureThrottle } from './auth-failure-throttle.js';
import { readCredential } from './credentials.js';
import { KeyRing } from './key-ring.js';
import { TokenVerifier } from './token-verifier.js';

/** One text for every reason: what was wrong helps nobody but a guesser. */
const REFUSAL = 'Missing or invalid API key. Send a valid key or token as "Authorization: Bearer …".';
const UNAVAILABLE = 'Tokens cannot be verified at the moment. Try again in a few seconds, or use an API key.';
const UNAVAILABLE_RETRY_MS = 5_000;

/**
 * Who is calling? Sets `principal`, or ends the request: 401, 503 when a token's keys cannot be had, 429 when an address failed too often.
 * Reads headers alone, never the body. A valid key costs no promise.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly keys: KeyRing,
    private readonly tokens: TokenVerifier,
    private readonly failures: AuthFailureThrottle,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<GatewayRequest>();
    const { gateway } = request;
    const credential = readCredential(request.raw.rawHeaders);
    if (credential === undefined) return this.refuse(context);
    gateway.principal = this.keys.find(credential.value, gateway.settings);
    if (gateway.principal !== undefined) return true;
    return credential.isBearer ? this.verify(credential.value, request, context) : this.refuse(context);
  }

  private async verify(token: string, { gateway }: GatewayRequest, context: ExecutionContext): Promise<boolean> {
    const verdict = await this.tokens.verify(token, gateway.settings);
    if (verdict === 'refused') return this.refuse(context);
    if (verdict === 'unavailable') throw new GatewayError('auth_unavailable', UNAVAILABLE, { retryAfterMs: UNAVAILABLE_RETRY_MS });
    gateway.principal = verdict;
    return true;
  }

  private async refuse(context: ExecutionContext): Promise<never> {
    await this.failures.canActivate(context);
    throw new GatewayError('invalid_api_key', REFUSAL, { headers: { 'www-authenticate': 'Bearer' } });
  }
}
