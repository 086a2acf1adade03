import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { LiveSettings } from '../config/live-settings.js';
import { Meter } from '../contracts/meter.js';
import { AuthFailureStorage } from './auth-failure-storage.js';
import { AuthFailureThrottle } from './auth-failure-throttle.js';
import { AuthGuard } from './auth.guard.js';
import { DigestKeyRing } from './digest-key-ring.js';
import { JwtVerifier } from './jwt-verifier.js';
import { KeyRing } from './key-ring.js';
import { TokenVerifier } from './token-verifier.js';

/**
 * Who is calling. Nest builds a guard anew in each module whose controllers name it, so what `AuthGuard` asks is exported with it, and is
 * the same everywhere. The throttler's parts are put together here: its own module is global, and would be everybody's.
 */
@Module({})
export class AuthModule {
  static with(settings: DynamicModule, metrics: DynamicModule): DynamicModule {
    return {
      module: AuthModule,
      imports: [settings, metrics],
      providers: [
        { provide: KeyRing, useFactory: preparedKeyRing, inject: [LiveSettings] },
        { provide: TokenVerifier, useFactory: tokenVerifier },
        { provide: AuthFailureThrottle, useFactory: (meter: Meter) => new AuthFailureThrottle(meter, new AuthFailureStorage()), inject: [Meter] },
        AuthGuard,
      ],
      exports: [AuthGuard, KeyRing, TokenVerifier, AuthFailureThrottle],
    };
  }
}

function preparedKeyRing(live: LiveSettings): KeyRing {
  const ring = new DigestKeyRing();
  ring.prepare(live.current);
  live.onChange((next) => ring.prepare(next));
  return ring;
}

function tokenVerifier(): TokenVerifier {
  const logger = new Logger('Auth');
  return new JwtVerifier((news) => logger.warn(news));
}
