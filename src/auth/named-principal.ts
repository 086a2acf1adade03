import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';
import { principalId } from './principal-id.js';

/** The principal of a key or a subject, with the policy of that name, or what holds for everybody. */
export function namedPrincipal(kind: Principal['kind'], name: string, settings: GatewaySettings): Principal {
  const policy = settings.auth.policies.get(name);
  return {
    kind,
    id: principalId(kind, name),
    allowedModels: policy?.allowedModels && new Set(policy.allowedModels),
    rateLimitPerMinute: policy?.rateLimitPerMinute ?? settings.limits.ratePerMinute,
  };
}
