import { ERRORS } from '../contracts/gateway-error.js';

/** Nginx' number for a client that did not wait for its answer. */
const CLIENT_GONE = 499;

/** `error.type` of a call, undefined when it went well: one of our own codes, or the status. A provider's own words are many. */
export function errorType(code: string | undefined, status: number): string | undefined {
  if (status === CLIENT_GONE) return 'client_gone';
  if (code !== undefined && Object.hasOwn(ERRORS, code)) return code;
  if (status >= 400) return String(status);
  // A stream that broke had its 200 long before.
  return code === undefined ? undefined : 'upstream_error';
}
