import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import type { ProviderError } from './openai/provider-error.js';
import { impliedStatus, refusalFailure } from './openai/refusal.js';
import type { UpstreamFailure } from './upstream-failure.js';

/** The failure behind an error that a provider reported in a reply whose status was a good one. `value`: the JSON it stood in. */
export function reportedFailure(error: ProviderError | undefined, value: unknown, upstream: UpstreamSettings | undefined): UpstreamFailure {
  const status = error === undefined ? 500 : impliedStatus(error);
  return refusalFailure({ apiKey: upstream?.apiKey }, { status, error, body: Buffer.from(JSON.stringify(value) ?? ''), retryAfterMs: undefined });
}
