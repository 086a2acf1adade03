import { parseArgs } from 'node:util';
import { hasPolicy } from '../auth/has-policy.js';
import { namedPrincipal } from '../auth/named-principal.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';
import { explainPlan } from '../routing/explained-plan.js';
import { tellExplanation } from '../routing/tell-explanation.js';
import type { ToldExplanation } from '../routing/told-explanation.js';
import { checkedSettings } from './checked-settings.js';
import type { CliWorld } from './cli-world.js';
import { explanationLines } from './explanation-lines.js';

/** `nexus explain --key K --model M`: the decision, without a call. Ends with 1 when the call would be refused. Prints no key. */
export async function explainCommand(args: string[], world: CliWorld): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { key: text, subject: text, model: text, user: text, file: text, json: { type: 'boolean' } } as const;
  const { key, subject, model, user, file, json } = parseArgs({ args, options }).values;
  if (model === undefined || (key === undefined) === (subject === undefined)) {
    world.err('explain wants --model M and one of --key K or --subject S\n');
    return 64;
  }
  const loaded = checkedSettings(file, world);
  if (typeof loaded === 'number') return loaded;
  const principal = principalOf(key, subject, loaded.settings);
  const told = explained({ model, endUser: user, principal }, loaded.settings);
  world.out(json === true ? `${JSON.stringify(told, null, 2)}\n` : explanationLines(told));
  return told.refused === null ? 0 : 1;
}

function principalOf(key: string | undefined, subject: string | undefined, settings: GatewaySettings): Principal | undefined {
  const { apiKeys, jwt } = settings.auth;
  if (key !== undefined) return apiKeys.includes(key) ? namedPrincipal('key', key, settings) : undefined;
  return subject === undefined || subject === '' || jwt === undefined ? undefined : namedPrincipal('subject', subject, settings);
}

/** Nobody serves here: how upstreams fare and what is left of a limit stay unknown, and shares are told as shares. */
function explained(
  { principal, ...asked }: { readonly model: string; readonly endUser: string | undefined; readonly principal: Principal | undefined },
  settings: GatewaySettings,
): ToldExplanation {
  if (principal === undefined) return tellExplanation({ ...asked, caller: undefined, plan: undefined, health: undefined }, settings, 'operator');
  const limit = principal.rateLimitPerMinute;
  const requests = limit === 0 ? null : { limit, remaining: null, reset: null, meanwhile: null };
  const caller = { principal, hasPolicy: hasPolicy(principal, settings), requests };
  const plan = explainPlan({ ...asked, principal }, settings);
  return tellExplanation({ ...asked, caller, plan, health: undefined }, settings, 'operator');
}
