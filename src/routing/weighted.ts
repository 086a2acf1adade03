import type { RouteSettings } from '../contracts/gateway-settings.js';
import type { RoutingStrategy } from './routing-strategy.js';

/** Every target says its own weight. */
export const weighted: RoutingStrategy<Extract<RouteSettings, { strategy: 'weighted' }>> = { shares: ({ targets }) => targets };
