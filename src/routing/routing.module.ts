import { type DynamicModule, Module } from '@nestjs/common';
import { HealthView } from '../contracts/health-view.js';
import { Meter } from '../contracts/meter.js';
import { Router } from './router.js';

/** Where a call goes. Wants imports that give `HealthView` and `Meter`. */
@Module({})
export class RoutingModule {
  static with(...imports: DynamicModule[]): DynamicModule {
    return {
      module: RoutingModule,
      imports,
      providers: [{ provide: Router, useFactory: (health: HealthView, meter: Meter) => new Router(health, meter), inject: [HealthView, Meter] }],
      exports: [Router],
    };
  }
}
