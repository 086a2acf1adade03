import { resolveModel } from '../config/model-names.js';
import type { GatewaySettings, RouteSettings } from '../contracts/gateway-settings.js';
import type { HealthView } from '../contracts/health-view.js';
import type { Principal } from '../contracts/principal.js';
import type { Target } from '../contracts/target.js';
import { availableFirst } from './available-first.js';
import { type Course, courseOf } from './course.js';
import { drawOrder } from './draw.js';
import { followFallbacks } from './follow-fallbacks.js';
import { sharesOf } from './strategies.js';
import { wantedShares } from './wanted-shares.js';

/** A question about a call that nobody makes. */
export interface AskedPlan {
  readonly model: string;
  readonly principal: Principal;
  /** Whom the call would name as its end user; undefined: nobody. */
  readonly endUser: string | undefined;
}

export interface ExplainedTarget {
  readonly target: Target;
  readonly reason: 'upstream_of_that_name' | 'default_upstream' | 'share' | 'last_resort' | 'fallback';
  /** Of the route's calls, as a part of 1; null for what has none. */
  readonly share: number | null;
  readonly fallbackOf: string | null;
}

/** A call's plan with the reason for everything in it. */
export interface ExplainedPlan {
  /** undefined: no route of that name. */
  readonly route: RouteSettings | undefined;
  /** `by_share`: which of a route's targets comes first is drawn for each call, and the likeliest stands first here. `by_user`: drawn, and settled. */
  readonly order: 'fixed' | 'by_user' | 'by_share';
  /** In the order to try them. */
  readonly targets: readonly ExplainedTarget[];
  /** Fallbacks that are left out, since the caller may not use them. Not for the caller's eyes. */
  readonly forbidden: readonly string[];
}

/** The plan that the router would make of such a call; undefined: it would refuse with `model_not_found`. Nothing is drawn, and nobody is told. */
export function explainPlan({ model, principal, endUser }: AskedPlan, settings: GatewaySettings, health?: HealthView): ExplainedPlan | undefined {
  const { allowedModels, id: principalId } = principal;
  const course = courseOf(model, allowedModels, settings);
  const named = resolveModel(model, settings);
  if (course === undefined || named === undefined) return undefined;

  const isSettled = endUser !== undefined;
  const { first, fallbacks } = partsOf(course, (lots) =>
    isSettled ? drawOrder(lots, { route: model, principalId, endUser }, Math.random) : lots.toSorted((one, other) => other.weight - one.weight),
  );
  const available = first.flatMap((targets) => (health === undefined ? targets : availableFirst(targets, health)));
  const route = named.kind === 'route' ? named.route : undefined;
  const planned = route === undefined ? available.map(({ upstream }) => upstream.name) : sharesOf(route).map(({ name }) => name);
  const mayUse = (name: string): boolean => allowedModels === undefined || allowedModels.has(name);
  const { taken, forbidden } = followFallbacks(model, planned, mayUse, settings.routing.fallbacks);
  const shares = route === undefined ? undefined : wantedShares(new Map([[model, route]])).get(model);

  const targets = [
    ...available.map((target): ExplainedTarget => {
      const share = shares?.get(target.upstream.name) ?? null;
      if (named.kind === 'route') return { target, reason: share === 0 ? 'last_resort' : 'share', share, fallbackOf: null };
      return { target, reason: named.kind === 'default' ? 'default_upstream' : 'upstream_of_that_name', share, fallbackOf: null };
    }),
    ...fallbacks.map((target): ExplainedTarget => {
      return { target, reason: 'fallback', share: null, fallbackOf: taken.get(target.upstream.name) ?? null };
    }),
  ];
  const isDrawn = course.kind === 'drawn' && course.lots.length > 1;
  const drawn = isSettled ? 'by_user' : 'by_share';
  return { route, order: isDrawn ? drawn : 'fixed', targets, forbidden: [...forbidden] };
}

type Lots = Extract<Course, { kind: 'drawn' }>['lots'];

/** What the name itself leads to, in groups that keep their order; and what follows when all of it failed. */
function partsOf(course: Course, order: (lots: Lots) => Lots): { first: readonly (readonly Target[])[]; fallbacks: readonly Target[] } {
  switch (course.kind) {
    case 'fixed': {
      const [only, ...fallbacks] = course.plan;
      return { first: [[only]], fallbacks };
    }
    case 'drawn':
      return { first: [order(course.lots).map(({ target }) => target), course.lastResorts], fallbacks: course.fallbacks };
  }
}
