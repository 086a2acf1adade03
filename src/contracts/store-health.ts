/** How the store of the limits fares: `memory` where no Redis is configured, `down` until it first answered. Read at once, never waited for. */
export abstract class StoreHealth {
  abstract readonly rateLimitStore: 'memory' | 'up' | 'down';
}
