import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { HealthChecks } from './health-checks.js';
import { RateLimitStoreHealth } from './rate-limit-store.health.js';
import { Readiness } from './readiness.js';
import { UpstreamsHealth } from './upstreams.health.js';

/** Am I well? Needs modules that export `LiveSettings`, `HealthView` (the resilience) and `StoreHealth` (the metrics). */
@Module({})
export class HealthModule {
  static with(readiness: Readiness, ...imports: DynamicModule[]): DynamicModule {
    return {
      module: HealthModule,
      imports: [...imports, TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [{ provide: Readiness, useValue: readiness }, UpstreamsHealth, RateLimitStoreHealth, HealthChecks],
      exports: [Readiness],
    };
  }
}
