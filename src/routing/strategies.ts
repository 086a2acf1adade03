import type { RouteSettings } from '../contracts/gateway-settings.js';
import { canary } from './canary.js';
import type { RoutingStrategy } from './routing-strategy.js';
import type { Share } from './share.js';
import { weighted } from './weighted.js';

type Strategies = { readonly [S in RouteSettings['strategy']]: RoutingStrategy<Extract<RouteSettings, { strategy: S }>> };

/** By the word in a route's settings. */
const STRATEGIES = { weighted, canary } as const satisfies Strategies;

export function sharesOf<S extends RouteSettings['strategy']>(route: Extract<RouteSettings, { strategy: S }>): readonly Share[] {
  const strategies: Strategies = STRATEGIES;
  return strategies[route.strategy as S].shares(route);
}
