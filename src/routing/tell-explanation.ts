import { resolveModel } from '../config/model-names.js';
import { nearestName } from '../config/nearest-name.js';
import { ERRORS } from '../contracts/gateway-error.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { HealthView, UpstreamView } from '../contracts/health-view.js';
import { loggedPrincipal } from '../contracts/logged-principal.js';
import type { Principal } from '../contracts/principal.js';
import type { ExplainedPlan, ExplainedTarget } from './explained-plan.js';
import type { ToldCandidate, ToldExplanation, ToldLimit, ToldRefusal, ToldState } from './told-explanation.js';
import { wantedShares } from './wanted-shares.js';

export interface Explained {
  readonly model: string;
  readonly endUser: string | undefined;
  /** undefined: a credential that opens nothing. */
  readonly caller: { readonly principal: Principal; readonly hasPolicy: boolean; readonly requests: ToldLimit | null } | undefined;
  /** undefined: the call would be refused. */
  readonly plan: ExplainedPlan | undefined;
  /** undefined: nobody serves. */
  readonly health: HealthView | undefined;
}

/**
 * The one shape, for whoever asks. A caller is told nothing that calls of its own would not tell it: no address, no inner name of a model
 * (which may hold an account's number), and of fallbacks that it may not use not even how many there are. An operator is told all of it.
 */
export function tellExplanation(explained: Explained, settings: GatewaySettings, listener: 'caller' | 'operator'): ToldExplanation {
  const { model, endUser, caller, plan, health } = explained;
  return {
    object: 'explanation',
    model,
    user: endUser ?? null,
    principal: caller === undefined ? null : { kind: caller.principal.kind, id: loggedPrincipal(caller.principal) },
    policy:
      caller === undefined
        ? null
        : { own: caller.hasPolicy, allowed_models: caller.principal.allowedModels ? [...caller.principal.allowedModels] : null },
    limits: caller === undefined ? null : { requests: caller.requests },
    refused: refusalOf(explained, settings, listener),
    route: plan?.route === undefined ? null : { strategy: plan.route.strategy, shares: sharesOf(model, plan.route) },
    order: plan?.order ?? null,
    attempts_max: settings.resilience.attemptsMax,
    candidates: plan?.targets.map((target) => candidate(target, health, listener)) ?? [],
    ...(listener === 'operator' ? { left_out: plan?.forbidden ?? [] } : {}),
  };
}

function refusalOf({ caller, plan, model }: Explained, settings: GatewaySettings, listener: 'caller' | 'operator'): ToldRefusal | null {
  if (plan !== undefined) return null;
  const code = caller === undefined ? 'invalid_api_key' : 'model_not_found';
  const refusal = { status: ERRORS[code].status, code };
  if (listener === 'caller') return refusal;
  if (caller === undefined) return { ...refusal, reason: 'unknown_credential', did_you_mean: null };
  if (resolveModel(model, settings) !== undefined) return { ...refusal, reason: 'forbidden_model', did_you_mean: null };
  const near = nearestName(model, [...settings.routing.routes.keys(), ...settings.routing.upstreams.keys()]);
  return { ...refusal, reason: 'unknown_model', did_you_mean: near ?? null };
}

function candidate(
  { target: { upstream, model, answersAs }, reason, share, fallbackOf }: ExplainedTarget,
  health: HealthView | undefined,
  listener: 'caller' | 'operator',
): ToldCandidate {
  return {
    upstream: upstream.name,
    reason,
    share: share === null ? null : part(share),
    fallback_of: fallbackOf,
    answers_as: answersAs,
    ...(listener === 'operator' ? { model_sent: model, address: upstream.baseUrl } : {}),
    key_missing: upstream.keyMissing,
    now: health === undefined ? null : state(health.view(upstream)),
  };
}

function state({ isAvailable, circuit, probeInMs, restLeftMs, inFlight, inFlightMax }: UpstreamView): ToldState {
  return {
    available: isAvailable,
    circuit,
    probe_in_seconds: circuit === 'open' ? seconds(probeInMs) : null,
    resting_seconds: seconds(restLeftMs),
    in_flight: inFlight,
    max_in_flight: inFlightMax,
  };
}

function sharesOf(model: string, route: NonNullable<ExplainedPlan['route']>): Readonly<Record<string, number>> {
  const shares = wantedShares(new Map([[model, route]])).get(model) ?? [];
  return Object.fromEntries([...shares].map(([name, share]) => [name, part(share)]));
}

/** A share of 1/3 is no longer than anybody reads. */
function part(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}

/** To a tenth, rounded up: who comes then is not early. */
function seconds(ms: number): number {
  return Math.ceil(ms / 100) / 10;
}
