import { resolveModel } from '../config/model-names.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';
import type { RoutePlan, Target } from '../contracts/target.js';
import type { Lot } from './draw.js';
import { followFallbacks } from './follow-fallbacks.js';
import { sharesOf } from './strategies.js';

/** A target of a route with a share of its calls. */
export interface TargetLot extends Lot {
  readonly target: Target;
}

/** Everything about the plan of a call that is known before it comes: all of it, or what is left to a draw. */
export type Course =
  | { readonly kind: 'fixed'; readonly plan: RoutePlan }
  | { readonly kind: 'drawn'; readonly lots: readonly TargetLot[]; readonly lastResorts: readonly Target[]; readonly fallbacks: readonly Target[] };

/** Where calls of this name go for callers of this permission; undefined: nowhere, or they may not ask for it. */
export function courseOf(model: string, allowed: Principal['allowedModels'], settings: GatewaySettings): Course | undefined {
  const mayUse = (name: string): boolean => allowed === undefined || allowed.has(name);
  const named = mayUse(model) ? resolveModel(model, settings) : undefined;
  if (named === undefined) return undefined;
  const { routing } = settings;
  const targets = (names: Iterable<string>, isFallback: boolean): Target[] =>
    [...names].flatMap((name) => {
      const upstream = routing.upstreams.get(name);
      return upstream === undefined ? [] : [{ upstream, model: upstream.model ?? model, answersAs: isFallback ? name : model }];
    });
  const fallbacksOf = (planned: readonly string[]): Target[] =>
    targets(followFallbacks(model, planned, mayUse, routing.fallbacks).taken.keys(), true);

  if (named.kind !== 'route') {
    const { upstream } = named;
    const first = { upstream, model: upstream.model ?? model, answersAs: model };
    return { kind: 'fixed', plan: [first, ...fallbacksOf([upstream.name])] };
  }
  const shares = sharesOf(named.route);
  return {
    kind: 'drawn',
    lots: shares.filter(({ weight }) => weight > 0).flatMap((share) => targets([share.name], false).map((target) => ({ ...share, target }))),
    lastResorts: targets(
      shares.filter(({ weight }) => weight === 0).map(({ name }) => name),
      false,
    ),
    fallbacks: fallbacksOf(shares.map(({ name }) => name)),
  };
}
