import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { StoreHealth } from '../contracts/store-health.js';

/** Where limits are kept, and whether Redis answers. Without it limits go on as GATEWAY_ON_REDIS_DOWN says: degraded, not down. */
@Injectable()
export class RateLimitStoreHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly store: StoreHealth,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('rate_limit_store');
    const kind = this.store.rateLimitStore === 'memory' ? 'memory' : 'redis';
    return this.store.rateLimitStore === 'down' ? indicator.degraded({ kind }) : indicator.up({ kind });
  }
}
