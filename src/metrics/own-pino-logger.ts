import { PinoLogger } from 'nestjs-pino';
import type { Logger } from 'pino';

/** nestjs-pino keeps one logger for the whole process, the first it was given. This one belongs to its application. */
export class OwnPinoLogger extends PinoLogger {
  constructor(private readonly own: Logger) {
    super({ pinoHttp: { logger: own, autoLogging: false } });
  }

  override get logger(): Logger {
    return this.own;
  }
}
