import { type DynamicModule, Module } from '@nestjs/common';
import { LiveSettings } from '../config/live-settings.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { HealthView } from '../contracts/health-view.js';
import { Meter } from '../contracts/meter.js';
import { Router } from './router.js';
import { wantedShares } from './wanted-shares.js';

/** Where a call goes. Wants imports that give `LiveSettings`, `HealthView` and `Meter`; the meter is told the shares that are in force. */
@Module({})
export class RoutingModule {
  static with(...imports: DynamicModule[]): DynamicModule {
    return {
      module: RoutingModule,
      imports,
      providers: [
        {
          provide: Router,
          inject: [LiveSettings, HealthView, Meter],
          useFactory: (live: LiveSettings, health: HealthView, meter: Meter) => {
            const tell = ({ routing }: GatewaySettings): void => meter.sharesDecided(wantedShares(routing.routes));
            tell(live.current);
            live.onChange(tell);
            return new Router(health, meter);
          },
        },
      ],
      exports: [Router],
    };
  }
}
