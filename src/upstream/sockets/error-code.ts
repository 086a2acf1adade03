/** The word of the system, of TLS or of the name servers for what went wrong, such as `ECONNREFUSED`; empty where there is none. */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
