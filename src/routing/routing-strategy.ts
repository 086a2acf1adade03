import type { RouteSettings } from '../contracts/gateway-settings.js';
import type { Share } from './share.js';

/** How a route's settings become shares, in the order in which they were configured. Pure: asked once for each settings object, not for each call. */
export interface RoutingStrategy<Route extends RouteSettings> {
  shares(route: Route): readonly Share[];
}
