import { resolveModel } from '../config/model-names.js';
import type { GatewaySettings, PrincipalPolicy, RouteSettings, UpstreamSettings } from '../contracts/gateway-settings.js';
import { followFallbacks } from '../routing/follow-fallbacks.js';
import { sharesOf } from '../routing/strategies.js';

/** Who asks: a key as a client would present it, or the `sub` of a valid token. */
export type Caller = { readonly key: string } | { readonly subject: string };

export interface ExplainedTarget {
  readonly upstream: UpstreamSettings;
  readonly modelSent: string;
  /** Why it stands here: `95 %`, `last resort`, `default upstream`, `fallback of llama`. */
  readonly because: string;
}

export interface Explanation {
  /** What the client would be told instead of an answer. */
  readonly refusal: '401 invalid_api_key' | '404 model_not_found' | undefined;
  readonly policy: PrincipalPolicy | undefined;
  /** 0: unlimited. */
  readonly ratePerMinute: number;
  readonly route: RouteSettings | undefined;
  readonly plan: readonly ExplainedTarget[];
  /** Fallbacks that are left out, since the caller may not use them. */
  readonly forbidden: readonly string[];
}

/** What the settings mean for one call, without a draw: shares are told as shares. */
export function explainCall(settings: GatewaySettings, caller: Caller, model: string): Explanation {
  const { auth, limits, routing } = settings;
  const known = 'subject' in caller ? auth.jwt !== undefined : auth.apiKeys.includes(caller.key);
  const policy = known ? auth.policies.get('subject' in caller ? caller.subject : caller.key) : undefined;
  const allowed = policy?.allowedModels;
  const mayUse = (name: string): boolean => allowed === undefined || allowed.includes(name);
  const route = routing.routes.get(model);
  const basis = { policy, ratePerMinute: policy?.rateLimitPerMinute ?? limits.ratePerMinute, route };
  if (!known) return { ...basis, refusal: '401 invalid_api_key', plan: [], forbidden: [] };

  const plan = mayUse(model) ? firstTargets(settings, model) : new Map<string, string>();
  if (plan.size === 0) return { ...basis, refusal: '404 model_not_found', plan: [], forbidden: [] };

  const { taken, forbidden } = followFallbacks(model, [...plan.keys()], mayUse, routing.fallbacks);
  for (const [to, from] of taken) plan.set(to, `fallback of ${from}`);
  const targets = [...plan].flatMap(([name, because]) => {
    const upstream = routing.upstreams.get(name);
    return upstream === undefined ? [] : [{ upstream, modelSent: upstream.model ?? model, because }];
  });
  return { ...basis, refusal: undefined, plan: targets, forbidden: [...forbidden] };
}

/** What the name itself leads to, with the reason: a route's targets by their share. */
function firstTargets(settings: Pick<GatewaySettings, 'routing'>, model: string): Map<string, string> {
  const named = resolveModel(model, settings);
  switch (named?.kind) {
    case undefined:
      return new Map();
    case 'upstream':
      return new Map([[named.upstream.name, 'upstream of that name']]);
    case 'default':
      return new Map([[named.upstream.name, 'default upstream']]);
    case 'route': {
      const shares = sharesOf(named.route).toSorted((one, other) => other.weight - one.weight);
      const total = shares.reduce((sum, { weight }) => sum + weight, 0);
      return new Map(shares.map(({ name, weight }) => [name, share((weight / total) * 100)]));
    }
  }
}

function share(percent: number): string {
  return percent === 0 ? 'last resort' : `${Math.round(percent * 100) / 100} %`;
}
