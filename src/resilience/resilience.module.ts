import { type DynamicModule, Module } from '@nestjs/common';
import { LiveSettings } from '../config/live-settings.js';
import type { CircuitSharing } from '../contracts/circuit-sharing.js';
import { monotonicClock } from '../contracts/clock.js';
import { HealthView } from '../contracts/health-view.js';
import { Meter } from '../contracts/meter.js';
import { AdapterTable } from '../upstream/adapters.js';
import { UpstreamTransport } from '../upstream/upstream-transport.js';
import { CallRunner } from './call-runner.js';
import { TargetHealth } from './target-health.js';

/** How a call survives its upstreams' troubles. `circuits`: shared with the other workers of this machine, where there are any. */
@Module({})
export class ResilienceModule {
  static with(settings: DynamicModule, metrics: DynamicModule, upstream: DynamicModule, circuits?: CircuitSharing): DynamicModule {
    return {
      module: ResilienceModule,
      imports: [settings, metrics, upstream],
      providers: [
        {
          provide: TargetHealth,
          useFactory: (live: LiveSettings, meter: Meter) => new TargetHealth(live, meter, monotonicClock, circuits),
          inject: [LiveSettings, Meter],
        },
        { provide: HealthView, useExisting: TargetHealth },
        {
          provide: CallRunner,
          useFactory: (health: TargetHealth, adapters: AdapterTable, transport: UpstreamTransport, meter: Meter) =>
            new CallRunner(health, adapters, transport, meter, monotonicClock),
          inject: [TargetHealth, AdapterTable, UpstreamTransport, Meter],
        },
      ],
      exports: [HealthView, CallRunner],
    };
  }
}
