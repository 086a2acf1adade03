import { Injectable } from '@nestjs/common';
import type { HealthIndicatorFunction } from '@nestjs/terminus';
import { RateLimitStoreHealth } from './rate-limit-store.health.js';
import { UpstreamsHealth } from './upstreams.health.js';

/** What the page for people looks at. None of it waits for anybody. */
@Injectable()
export class HealthChecks {
  readonly all: HealthIndicatorFunction[];

  constructor(upstreams: UpstreamsHealth, store: RateLimitStoreHealth) {
    this.all = [() => upstreams.check(), () => store.check()];
  }
}
