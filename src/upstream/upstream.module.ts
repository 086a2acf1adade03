import { type DynamicModule, Module } from '@nestjs/common';
import { LiveSettings } from '../config/live-settings.js';
import { TokenCounter } from '../contracts/token-counter.js';
import { AdapterTable } from './adapters.js';
import { EstimatingTokenCounter } from './estimating-token-counter.js';
import { MockTransport } from './mock/mock-transport.js';
import { Transports } from './transports.js';
import { HttpTransport } from './sockets/http-transport.js';
import { UpstreamTransport } from './upstream-transport.js';

/** How the house speaks to upstreams. Needs `LiveSettings`. */
@Module({})
export class UpstreamModule {
  static with(settings: DynamicModule): DynamicModule {
    return {
      module: UpstreamModule,
      imports: [settings],
      providers: [
        {
          provide: UpstreamTransport,
          useFactory: (live: LiveSettings) => new Transports(new HttpTransport(live), new MockTransport()),
          inject: [LiveSettings],
        },
        AdapterTable,
        { provide: TokenCounter, useClass: EstimatingTokenCounter },
      ],
      exports: [UpstreamTransport, AdapterTable, TokenCounter],
    };
  }
}
