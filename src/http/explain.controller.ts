import { Controller, Get, Header, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '../auth/auth.guard.js';
import { hasPolicy } from '../auth/has-policy.js';
import { modelNotFound } from '../config/model-names.js';
import { GatewayError } from '../contracts/gateway-error.js';
import type { GatewayRequest } from '../contracts/gateway-request.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import { HealthView } from '../contracts/health-view.js';
import type { Principal } from '../contracts/principal.js';
import { callCharge } from '../policy/call-charge.js';
import { END_USER_BYTES_MAX } from '../policy/end-user.js';
import { resetText } from '../policy/rate-limit-headers.js';
import { RateLimitStore } from '../policy/rate-limit-store.js';
import { explainPlan } from '../routing/explained-plan.js';
import { tellExplanation } from '../routing/tell-explanation.js';
import type { ToldExplanation, ToldLimit } from '../routing/told-explanation.js';
import { pathOf } from './known-paths.js';

/** What would become of a call of the caller's own, now: nothing is sent, drawn, taken or counted. Refused as the call would be. */
@Controller(['v1', ''])
@UseGuards(AuthGuard)
export class ExplainController {
  constructor(
    private readonly store: RateLimitStore,
    private readonly health: HealthView,
  ) {}

  @Get('explain')
  @Header('Cache-Control', 'no-store')
  async explain(@Req() { raw, gateway }: GatewayRequest): Promise<ToldExplanation> {
    const { principal, settings } = gateway;
    if (principal === undefined) throw new Error('the auth guard stands before this route');
    const { model, endUser } = askedOf(raw.url ?? '');
    const plan = explainPlan({ model, principal, endUser }, settings, this.health);
    if (plan === undefined) throw modelNotFound(model);
    const caller = { principal, hasPolicy: hasPolicy(principal, settings), requests: await this.requestsLeft(principal, settings) };
    return tellExplanation({ model, endUser, caller, plan, health: this.health }, settings, 'caller');
  }

  private async requestsLeft(principal: Principal, { limits }: GatewaySettings): Promise<ToldLimit | null> {
    const { rateLimitPerMinute: limit } = principal;
    if (limit === 0) return null;
    const found = await this.store.peek(callCharge(principal));
    if (found !== 'store_unavailable') return { limit, remaining: found.remaining, reset: resetText(found.resetMs), meanwhile: null };
    // Workers without their primary lend a part each, as replicas without Redis may.
    return { limit, remaining: null, reset: null, meanwhile: this.store.status === 'none' ? 'local' : limits.onRedisDown };
  }
}

function askedOf(url: string): { readonly model: string; readonly endUser: string | undefined } {
  const query = new URLSearchParams(url.slice(pathOf(url).length));
  const model = only(query, 'model');
  if (model === undefined)
    throw new GatewayError('missing_required_parameter', 'The parameter model is missing: name the model, as in /v1/explain?model=NAME.', {
      param: 'model',
    });
  if (model === '') throw invalid('model', 'The parameter model must be a text that is not empty.');
  const endUser = only(query, 'user');
  if (endUser !== undefined && (endUser === '' || Buffer.byteLength(endUser) > END_USER_BYTES_MAX))
    throw invalid('user', `The parameter user must be a text of 1 to ${END_USER_BYTES_MAX} bytes.`);
  return { model, endUser };
}

/** undefined: it is not there. */
function only(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = query.getAll(name);
  if (others.length > 0) throw invalid(name, `The parameter ${name} stands in the URL twice or more; send it once.`);
  return value;
}

function invalid(param: string, message: string): GatewayError {
  return new GatewayError('invalid_value', message, { param });
}
