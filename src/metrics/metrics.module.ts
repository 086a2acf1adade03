import { type DynamicModule, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { LiveSettings } from '../config/live-settings.js';
import { Meter } from '../contracts/meter.js';
import { StoreHealth } from '../contracts/store-health.js';
import type { WorkerLink } from '../contracts/worker-link.js';
import { AccessLog } from './access-log.js';
import { LogDestination } from './log-destination.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsSource } from './metrics-source.js';
import { PrometheusMeter } from './prometheus-meter.js';
import { RegistryMetricsSource } from './registry-metrics-source.js';
import { StateLog } from './state-log.js';
import { WorkerMetricsSource } from './worker-metrics-source.js';

/** What a process brings along to be seen with. */
export interface Sight {
  readonly logger: Logger;
  readonly destination: LogDestination;
  /** Where several workers serve: the line to the others. */
  readonly link?: WorkerLink;
  /** false: another worker logs changes of state. */
  readonly speaks?: boolean;
}

/**
 * What was seen: the meter, the access log, the log of states, and the page for scrapes. The registry is this application's own:
 * the Prometheus module is told to put Node's process metrics there, and to mount our controller for its own, which knows only the global one.
 */
@Module({})
export class MetricsModule {
  static with(settings: DynamicModule, sight: Sight): DynamicModule {
    const registry = new Registry();
    const seen: DynamicModule = {
      module: SeenModule,
      imports: [settings],
      providers: [
        { provide: Registry, useValue: registry },
        { provide: LogDestination, useValue: sight.destination },
        { provide: AccessLog, useFactory: () => new AccessLog(sight.destination) },
        {
          provide: StateLog,
          inject: [LiveSettings],
          useFactory: (live: LiveSettings) => {
            live.onChange((next) => (sight.logger.level = next.observability.logLevel));
            return new StateLog(sight.logger, live.current.limits.redisUrl !== undefined, sight.speaks);
          },
        },
        { provide: StoreHealth, useExisting: StateLog },
        {
          provide: Meter,
          inject: [LiveSettings, StateLog],
          useFactory: (live: LiveSettings, states: StateLog) => new PrometheusMeter(registry, live, states, sight.destination),
        },
        {
          provide: MetricsSource,
          useFactory: () => (sight.link === undefined ? new RegistryMetricsSource(registry) : new WorkerMetricsSource(registry, sight.link)),
        },
      ],
      exports: [Registry, LogDestination, AccessLog, StateLog, StoreHealth, Meter, MetricsSource],
    };
    const scrape = PrometheusModule.registerAsync({
      imports: [settings, seen],
      controller: MetricsController,
      useFactory: () => ({ defaultMetrics: { enabled: true, config: { register: registry } } }),
    });
    return { module: MetricsModule, imports: [seen, scrape], exports: [seen] };
  }
}

/** What the scrape page and everybody else share. */
@Module({})
class SeenModule {}
