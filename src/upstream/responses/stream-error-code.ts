import type { ErrorBody } from '../../contracts/gateway-error.js';

/** The code of an error within a response. Agents act on the three that OpenAI uses for limits; any other is the house's own. */
export function streamErrorCode({ error }: ErrorBody): string {
  switch (error.code) {
    case 'upstream_rate_limited':
      return 'rate_limit_exceeded';
    case null:
      return error.type === 'invalid_request_error' ? 'invalid_prompt' : 'server_error';
  }
  return error.code;
}
