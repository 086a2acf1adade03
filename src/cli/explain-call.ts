import type { GatewaySettings, PrincipalPolicy, RouteSettings, UpstreamSettings } from '../contracts/gateway-settings.js';

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
export function explainCall({ auth, limits, routing }: GatewaySettings, caller: Caller, model: string): Explanation {
  const known = 'subject' in caller ? auth.jwt !== undefined : auth.apiKeys.includes(caller.key);
  const policy = known ? auth.policies.get('subject' in caller ? caller.subject : caller.key) : undefined;
  const allowed = policy?.allowedModels;
  const mayUse = (name: string): boolean => allowed === undefined || allowed.includes(name);
  const route = routing.routes.get(model);
  const basis = { policy, ratePerMinute: policy?.rateLimitPerMinute ?? limits.ratePerMinute, route };
  if (!known) return { ...basis, refusal: '401 invalid_api_key', plan: [], forbidden: [] };

  const plan = mayUse(model) ? firstTargets(routing, model, route) : new Map<string, string>();
  if (plan.size === 0) return { ...basis, refusal: '404 model_not_found', plan: [], forbidden: [] };

  const forbidden = new Set<string>();
  const asked = [model, ...plan.keys()];
  for (const from of asked) {
    for (const to of routing.fallbacks.get(from) ?? []) {
      if (plan.has(to) || forbidden.has(to)) continue;
      if (mayUse(to)) {
        plan.set(to, `fallback of ${from}`);
        asked.push(to);
      } else forbidden.add(to);
    }
  }
  const targets = [...plan].flatMap(([name, because]) => {
    const upstream = routing.upstreams.get(name);
    return upstream === undefined ? [] : [{ upstream, modelSent: upstream.model ?? model, because }];
  });
  return { ...basis, refusal: undefined, plan: targets, forbidden: [...forbidden] };
}

/** A route of that name, an upstream of that name, the default upstream: names with the reason, in order. */
function firstTargets(routing: GatewaySettings['routing'], model: string, route: RouteSettings | undefined): Map<string, string> {
  if (route?.strategy === 'canary') {
    const { primary, canary, percent } = route;
    return new Map([
      [primary, share(100 - percent)],
      [canary, share(percent)],
    ]);
  }
  if (route?.strategy === 'weighted') {
    const total = route.targets.reduce((sum, { weight }) => sum + weight, 0);
    const heaviestFirst = route.targets.toSorted((one, other) => other.weight - one.weight);
    return new Map(heaviestFirst.map(({ name, weight }) => [name, share((weight / total) * 100)]));
  }
  if (routing.upstreams.has(model)) return new Map([[model, 'upstream of that name']]);
  return routing.defaultUpstream === undefined ? new Map() : new Map([[routing.defaultUpstream, 'default upstream']]);
}

function share(percent: number): string {
  return percent === 0 ? 'last resort' : `${Math.round(percent * 100) / 100} %`;
}
