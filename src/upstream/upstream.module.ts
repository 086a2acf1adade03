import { type DynamicModule, Module } from '@nestjs/common';
import { LiveSettings } from '../config/live-settings.js';
import { TokenCounter } from '../contracts/token-counter.js';
import { StateLog } from '../metrics/state-log.js';
import { AdapterTable } from './adapters.js';
import { EstimatingTokenCounter } from './estimating-token-counter.js';
import { MockTransport } from './mock/mock-transport.js';
import { Transports } from './transports.js';
import { HttpTransport } from './sockets/http-transport.js';
import { UpstreamTransport } from './upstream-transport.js';

/** How the house speaks to upstreams. Needs `LiveSettings` and `StateLog`. */
@Module({})
export class UpstreamModule {
  static with(settings: DynamicModule, metrics: DynamicModule): DynamicModule {
    return {
      module: UpstreamModule,
      imports: [settings, metrics],
      providers: [
        {
          provide: UpstreamTransport,
          useFactory: (live: LiveSettings, states: StateLog) => {
            const unreachable = states.upstreamUnreachable.bind(states);
            return new Transports(new HttpTransport(live, undefined, undefined, unreachable), new MockTransport());
          },
          inject: [LiveSettings, StateLog],
        },
        AdapterTable,
        { provide: TokenCounter, useClass: EstimatingTokenCounter },
      ],
      exports: [UpstreamTransport, AdapterTable, TokenCounter],
    };
  }
}
