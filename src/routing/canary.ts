import type { RouteSettings } from '../contracts/gateway-settings.js';
import type { RoutingStrategy } from './routing-strategy.js';

/** A percentage for the one that is being tried, the rest for the other. */
export const canary: RoutingStrategy<Extract<RouteSettings, { strategy: 'canary' }>> = {
  shares: (route) => [
    { name: route.primary, weight: 100 - route.percent },
    { name: route.canary, weight: route.percent },
  ],
};
