import type { RoutingSettings } from '../contracts/gateway-settings.js';
import { sharesOf } from './strategies.js';

/** What part of its calls each route is to give each of its targets, as parts of 1: what the shares that are seen are held against. */
export function wantedShares(routes: RoutingSettings['routes']): ReadonlyMap<string, ReadonlyMap<string, number>> {
  return new Map(
    [...routes].map(([name, route]) => {
      const shares = sharesOf(route);
      const whole = shares.reduce((sum, { weight }) => sum + weight, 0);
      return [name, new Map(shares.map((share) => [share.name, whole > 0 ? share.weight / whole : 0]))];
    }),
  );
}
