import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { type ProviderError, providerError } from '../openai/provider-error.js';
import { refusalFailure } from '../openai/refusal.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import { withoutKey } from '../without-key.js';

/** The failure behind an error in Anthropic's shape that came where an answer was owed: in a 200, or as an event of a stream. */
export function messagesFailure(value: unknown, upstream: Pick<UpstreamSettings, 'apiKey'> | undefined): UpstreamFailure {
  const error = providerError(value);
  const body = Buffer.from(withoutKey(JSON.stringify(value), upstream?.apiKey));
  return refusalFailure({ apiKey: upstream?.apiKey }, { status: statusOf(error), error, body, retryAfterMs: undefined });
}

function statusOf(error: ProviderError | undefined): number {
  switch (error?.type) {
    case 'invalid_request_error':
      return 400;
    case 'authentication_error':
      return 401;
    case 'permission_error':
      return 403;
    case 'not_found_error':
      return 404;
    case 'request_too_large':
      return 413;
    case 'rate_limit_error':
      return 429;
    case 'timeout_error':
      return 504;
    case 'overloaded_error':
      return 529;
  }
  return error?.status ?? 500;
}
