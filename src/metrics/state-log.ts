import type { Logger } from 'pino';
import { StoreHealth } from '../contracts/store-health.js';

export type CircuitState = 'closed' | 'half-open' | 'open';

/**
 * States of the house that come and go: each change is one line of the log, and the health page reads the latest.
 * Where several workers serve, one of them speaks; the others listen silently, or each change of a shared circuit would be told many times.
 */
export class StateLog extends StoreHealth {
  private redis: boolean | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly redisConfigured: boolean,
    private readonly speaks = true,
  ) {
    super();
  }

  override get rateLimitStore(): 'memory' | 'up' | 'down' {
    if (!this.redisConfigured) return 'memory';
    return this.redis === true ? 'up' : 'down';
  }

  circuitChanged(upstream: string, state: CircuitState): void {
    if (!this.speaks) return;
    const fields = { event: 'circuit', upstream, state };
    if (state === 'open') this.logger.warn(fields, 'circuit opened: this upstream is not called for a while');
    else
      this.logger.info(fields, state === 'closed' ? 'circuit closed: this upstream serves again' : 'circuit half-open: one call tries this upstream');
  }

  redisIsUp(up: boolean): void {
    if (this.redis === up) return;
    this.redis = up;
    if (!this.speaks) return;
    if (up) this.logger.info({ event: 'redis', state: 'up' }, 'Redis answers: limits are shared');
    else this.logger.warn({ event: 'redis', state: 'down' }, 'Redis does not answer: limits are kept as GATEWAY_ON_REDIS_DOWN says');
  }

  /** Every worker tells what it saw itself. */
  upstreamUnreachable(upstream: string, reason: string): void {
    this.logger.warn({ event: 'unreachable', upstream, reason }, 'this upstream could not be reached');
  }

  collectorTakes(signal: 'traces' | 'metrics', takes: boolean): void {
    if (!this.speaks) return;
    const fields = { event: 'telemetry', signal, state: takes ? 'up' : 'down' };
    if (takes) this.logger.info(fields, `the collector takes ${signal}`);
    else this.logger.warn(fields, `the collector does not take ${signal}: what it missed is lost, calls go on`);
  }

  /** Something that cannot happen did: the client was told `internal_error`. */
  fault(what: string, thrown: unknown, requestId: string): void {
    this.logger.error({ event: 'fault', request_id: requestId, err: thrown }, what);
  }

  /** Details are those of the reload: problems when it was refused, else warnings. `changed` names what is different. Neither ever holds a key. */
  settingsReloaded(result: 'ok' | 'refused', details: readonly string[], revision: number, changed: readonly string[] = []): void {
    if (!this.speaks) return;
    const fields = { event: 'settings', result, revision, changed, details };
    if (result === 'ok') this.logger.info(fields, 'new settings are in force');
    else this.logger.error(fields, 'new settings were refused: the old ones stay in force');
  }
}
