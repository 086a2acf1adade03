import type { ErrorBody } from './gateway-error.js';

/** An error as Anthropic's clients know it: the type follows the status. `details`: what its libraries act upon. */
export function anthropicError(body: ErrorBody, status: number, details?: object): object {
  return { type: 'error', error: { type: typeOf(status), message: body.error.message, ...(details && { details }) } };
}

function typeOf(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 413:
      return 'request_too_large';
    case 429:
      return 'rate_limit_error';
    case 503:
    case 529:
      return 'overloaded_error';
    case 504:
      return 'timeout_error';
  }
  return status >= 400 && status < 500 ? 'invalid_request_error' : 'api_error';
}
