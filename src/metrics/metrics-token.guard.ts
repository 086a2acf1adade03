import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { LiveSettings } from '../config/live-settings.js';
import { GatewayError } from '../contracts/gateway-error.js';

const SCHEME = /^bearer +(\S+) *$/i;

/** Where GATEWAY_METRICS_TOKEN is set, a scrape must show it. Compared as digests: the time taken says nothing of the token. */
@Injectable()
export class MetricsTokenGuard implements CanActivate {
  constructor(private readonly live: LiveSettings) {}

  canActivate(context: ExecutionContext): boolean {
    const token = this.live.current.observability.metricsToken;
    if (token === undefined) return true;
    const { authorization = '' } = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>().headers;
    const shown = SCHEME.exec(authorization)?.[1] ?? '';
    if (timingSafeEqual(digest(shown), digest(token))) return true;
    throw new GatewayError('invalid_api_key', 'Metrics need the token of GATEWAY_METRICS_TOKEN. Send it as "Authorization: Bearer TOKEN".', {
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
