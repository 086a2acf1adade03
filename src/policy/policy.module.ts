import { type DynamicModule, Module } from '@nestjs/common';
import { PolicyGuard } from './policy.guard.js';
import { RateLimitStore } from './rate-limit-store.js';
import { ThrottleGuard } from './throttle.guard.js';

/**
 * May they, and is there room? `store`: one that is ready, or the module that makes it. Nest builds a guard anew in each module whose
 * controllers name it, so what the guards ask for is exported with them.
 */
@Module({})
export class PolicyModule {
  static with(settings: DynamicModule, metrics: DynamicModule, store: RateLimitStore | DynamicModule): DynamicModule {
    const isReady = store instanceof RateLimitStore;
    return {
      module: PolicyModule,
      imports: isReady ? [settings, metrics] : [settings, metrics, store],
      providers: isReady ? [{ provide: RateLimitStore, useValue: store }, PolicyGuard, ThrottleGuard] : [PolicyGuard, ThrottleGuard],
      exports: isReady ? [PolicyGuard, ThrottleGuard, RateLimitStore, metrics] : [PolicyGuard, ThrottleGuard, store, metrics],
    };
  }
}
