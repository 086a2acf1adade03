import type { Principal } from '../contracts/principal.js';
import type { TokenClaims } from './token-claims.js';

/** What a token's claims leave of its subject's policy: models that both name, the smaller limit. A claim never widens anything. */
export function narrowedPrincipal(principal: Principal, claims: TokenClaims): Principal {
  const { allowedModels, rateLimitPerMinute } = principal;
  const models = claims.allowedModels;
  return {
    ...principal,
    allowedModels: models === undefined ? allowedModels : new Set(models.filter((name) => allowedModels?.has(name) ?? true)),
    rateLimitPerMinute: smallerLimit(rateLimitPerMinute, claims.rateLimitPerMinute),
  };
}

/** 0 is unlimited: as a claim it asks for more than any policy gives and so changes nothing; as a policy any claim is less. */
function smallerLimit(policy: number, claim: number | undefined): number {
  if (claim === undefined || claim === 0) return policy;
  return policy === 0 ? claim : Math.min(policy, claim);
}
