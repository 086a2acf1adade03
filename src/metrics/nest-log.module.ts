import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';

/**
 * Nest's own words through the house's logger: `app.useLogger(app.get(Logger))`, with the `Logger` of nestjs-pino. Its middleware is mounted on no route:
 * requests have their one line from the access log, and nothing of it runs between a request and its answer.
 */
@Module({})
export class NestLogModule {
  static with(logger: Logger): DynamicModule {
    return {
      module: NestLogModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { logger, autoLogging: false }, forRoutes: [] })],
      exports: [LoggerModule],
    };
  }
}
