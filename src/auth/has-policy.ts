import { perSettings } from '../config/per-settings.js';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';
import { principalId } from './principal-id.js';

/** Whether an entry of the policies is this principal's own; false: what holds for everybody holds for it. */
export function hasPolicy({ id }: Pick<Principal, 'id'>, settings: GatewaySettings): boolean {
  return idsWithPolicy(settings).has(id);
}

/** An entry names a key, a subject, or both: it holds for each. */
const idsWithPolicy = perSettings(
  ({ auth }) => new Set([...auth.policies.keys()].flatMap((name) => [principalId('key', name), principalId('subject', name)])),
);
