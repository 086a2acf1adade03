import { type DynamicModule, Module } from '@nestjs/common';
import { Logger } from 'nestjs-pino';
import type { Logger as Pino } from 'pino';
import { OwnPinoLogger } from './own-pino-logger.js';

/**
 * Nest's own words through the house's logger: `app.useLogger(app.get(Logger))`, with the `Logger` of nestjs-pino. Its module, which would
 * put a middleware before every request, is left out: requests have their one line from the access log.
 */
@Module({})
export class NestLogModule {
  static with(house: Pino): DynamicModule {
    // At `info` Nest tells of each module and route it finds: of interest to whoever works on the gateway, not to whoever runs it.
    const logger = house.level === 'info' ? house.child({}, { level: 'warn' }) : house;
    return {
      module: NestLogModule,
      providers: [{ provide: Logger, useFactory: () => new Logger(new OwnPinoLogger(logger), {}) }],
      exports: [Logger],
    };
  }
}
