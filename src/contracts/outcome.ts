/** How an attempt at an upstream ended, and why a fallback was taken: the values of the `outcome` and `reason` labels. */
export type Outcome =
  | 'ok'
  | 'client_error'
  | 'rate_limited'
  | 'auth_failed'
  | 'timeout'
  | 'unreachable'
  | 'server_error'
  | 'invalid'
  | 'interrupted'
  | 'client_gone'
  | 'circuit_open';
