import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from './auth/auth.module.js';
import type { LiveSettings } from './config/live-settings.js';
import { SettingsModule } from './config/settings.module.js';
import { HealthModule } from './health/health.module.js';
import type { Readiness } from './health/readiness.js';
import { HttpModule } from './http/http.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { NestLogModule } from './metrics/nest-log.module.js';
import { PolicyModule } from './policy/policy.module.js';
import { RateLimitModule } from './policy/rate-limit.module.js';
import { ResilienceModule } from './resilience/resilience.module.js';
import { RoutingModule } from './routing/routing.module.js';
import { UpstreamModule } from './upstream/upstream.module.js';
import type { World } from './world.js';

/** The wiring diagram: modules in the order a call meets them. */
@Module({})
export class AppModule {
  static with(live: LiveSettings, world: World, readiness: Readiness): DynamicModule {
    const settings = SettingsModule.with(live);
    const metrics = MetricsModule.with(settings, world);
    const limits = RateLimitModule.with(settings, metrics, world.link);
    const upstream = UpstreamModule.with(settings, metrics);
    const resilience = ResilienceModule.with(settings, metrics, upstream, world.circuits);
    const auth = AuthModule.with(settings, metrics);
    const policy = PolicyModule.with(settings, metrics, limits);
    const routing = RoutingModule.with(settings, metrics, resilience);
    return {
      module: AppModule,
      imports: [
        NestLogModule.with(world.logger),
        HttpModule.with(settings, metrics, auth, policy, routing, resilience, upstream),
        HealthModule.with(readiness, settings, metrics, resilience),
      ],
    };
  }
}
