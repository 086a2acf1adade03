import { type DynamicModule, Module } from '@nestjs/common';
import { CallDelivery } from './call-delivery.js';
import { CountTokensController } from './count-tokens.controller.js';
import { ExplainController } from './explain.controller.js';
import { InFlight } from './in-flight.js';
import { InferenceController } from './inference.controller.js';
import { ModelsController } from './models.controller.js';

/** The API's routes, over everything that a call needs. */
@Module({})
export class HttpModule {
  static with(...imports: DynamicModule[]): DynamicModule {
    return {
      module: HttpModule,
      imports,
      controllers: [InferenceController, CountTokensController, ModelsController, ExplainController],
      providers: [InFlight, CallDelivery],
      exports: [InFlight],
    };
  }
}
