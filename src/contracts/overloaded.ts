import { GatewayError } from './gateway-error.js';

/** The gateway itself cannot take a call now. Who is turned away at the same moment comes back at different ones. */
export function overloaded(): GatewayError {
  return new GatewayError('overloaded', 'The gateway has more to do than it can. Please try again shortly.', {
    retryAfterMs: 1_000 + 2_000 * Math.random(),
  });
}
