import { GatewayError } from './gateway-error.js';

/**
 * The gateway itself cannot take a call now. Who is turned away at the same moment comes back at different ones, as far as whole seconds
 * can say that. Made once: under overload there are many, and an error with its stack costs more than the rest of a refusal.
 */
export function overloaded(): GatewayError {
  return WAITS[Math.floor(Math.random() * WAITS.length)] as GatewayError;
}

const WAITS = [1_000, 2_000, 3_000].map(
  (retryAfterMs) => new GatewayError('overloaded', 'The gateway has more to do than it can. Please try again shortly.', { retryAfterMs }),
);
