import type { ErrorBody } from '../contracts/gateway-error.js';

/** An error in a stream that has begun: one event, after which nothing comes. */
export function errorEvent(body: ErrorBody): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}
