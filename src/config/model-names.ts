import { GatewayError } from '../contracts/gateway-error.js';
import type { GatewaySettings, RouteSettings, UpstreamSettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';
import { perSettings } from './per-settings.js';

/** What a name means that a client may ask for. */
export type NamedModel =
  { readonly kind: 'route'; readonly route: RouteSettings } | { readonly kind: 'upstream' | 'default'; readonly upstream: UpstreamSettings };

type Caller = Pick<Principal, 'allowedModels'>;

/** A route of that name, an upstream of that name, the default upstream, in this order; undefined: the name leads nowhere. */
export function resolveModel(model: string, { routing }: Pick<GatewaySettings, 'routing'>): NamedModel | undefined {
  const route = routing.routes.get(model);
  if (route !== undefined) return { kind: 'route', route };
  const named = routing.upstreams.get(model);
  if (named !== undefined) return { kind: 'upstream', upstream: named };
  // What nobody configured is the client's own text: nothing of odd length or with control characters goes on to an upstream.
  if (routing.defaultUpstream === undefined || !PLAUSIBLE.test(model)) return undefined;
  const upstream = routing.upstreams.get(routing.defaultUpstream);
  return upstream && { kind: 'default', upstream };
}

/** Whether a caller may ask for this name and it leads somewhere. Nobody outside can tell the two reasons of a no apart. */
export function resolves(model: string, { allowedModels }: Caller, settings: Pick<GatewaySettings, 'routing'>): boolean {
  return (allowedModels === undefined || allowedModels.has(model)) && resolveModel(model, settings) !== undefined;
}

/**
 * Exactly the names that a caller may use, each once: routes, upstreams, and what the default upstream adds of the names that the
 * caller's own policy lists. Without a policy a default upstream takes any name; those are not listed.
 */
export function namesFor({ allowedModels }: Caller, settings: GatewaySettings): readonly string[] {
  const configured = configuredNames(settings);
  if (allowedModels === undefined) return [...configured];
  return [...new Set([...configured, ...allowedModels])].filter((name) => resolves(name, { allowedModels }, settings));
}

/** One answer for a name that does not exist and for one that the caller may not use. Told back only when it can do no harm. */
export function modelNotFound(model?: string): GatewayError {
  const which = model !== undefined && TOLD.test(model) ? `The model ${JSON.stringify(model)}` : 'The model that was asked for';
  return new GatewayError('model_not_found', `${which} does not exist, or this key may not use it. GET /v1/models lists those it may.`, {
    param: 'model',
  });
}

const PLAUSIBLE = /^[^\x00-\x1f\x7f]{1,256}$/;
const TOLD = /^[\x20-\x7e]{1,100}$/;

const configuredNames = perSettings(({ routing }) => new Set([...routing.routes.keys(), ...routing.upstreams.keys()]));
