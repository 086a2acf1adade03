import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { HealthView } from '../contracts/health-view.js';

/** Upstreams by name with their circuits. An upstream that fails degrades the gateway, and never takes it down: others and fallbacks serve. */
@Injectable()
export class UpstreamsHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly health: HealthView,
  ) {}

  check(): HealthIndicatorResult {
    const circuits = this.health.circuits();
    const upstreams = Object.fromEntries(
      circuits.map(({ upstream, state }) => [upstream, { circuit: state, available: this.health.isAvailable(upstream) }]),
    );
    const indicator = this.indicators.check('upstreams');
    return circuits.every(({ state }) => state === 'closed') ? indicator.up({ upstreams }) : indicator.degraded({ upstreams });
  }
}
