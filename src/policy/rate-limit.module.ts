import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { LiveSettings } from '../config/live-settings.js';
import { Meter } from '../contracts/meter.js';
import type { WorkerLink } from '../contracts/worker-link.js';
import { createRateLimitStore } from './create-rate-limit-store.js';
import { RateLimitStore } from './rate-limit-store.js';

/** Opens the store that the settings ask for, once; closing it is up to whoever ends the process, after the last request. */
@Module({})
export class RateLimitModule {
  static with(settings: DynamicModule, metrics: DynamicModule, link: WorkerLink | undefined): DynamicModule {
    const logger = new Logger('RateLimits');
    return {
      module: RateLimitModule,
      imports: [settings, metrics],
      providers: [
        {
          provide: RateLimitStore,
          inject: [LiveSettings, Meter],
          useFactory: (live: LiveSettings, meter: Meter) => createRateLimitStore(live, meter, link, (line) => logger.debug(line)),
        },
      ],
      exports: [RateLimitStore],
    };
  }
}
