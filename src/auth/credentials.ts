/** What a request presents. Only a bearer may be a token; the other headers carry keys alone. */
export interface Credential {
  readonly value: string;
  readonly isBearer: boolean;
}

/**
 * The one credential of a request, from its raw headers (the joined ones hide duplicates: of two `Authorization` Node keeps the first).
 * undefined when there is none, an empty one, or two that differ: never "first wins". Values are taken as they stand, without trimming,
 * unquoting or splitting, so whatever is no key exactly is found nowhere.
 */
export function readCredential(rawHeaders: readonly string[]): Credential | undefined {
  let authorization: string | undefined;
  let key: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    if (name.length === 13 && name.toLowerCase() === 'authorization') {
      if (value === '' || (authorization !== undefined && authorization !== value)) return undefined;
      authorization = value;
    } else if (isKeyHeader(name)) {
      if (value === '' || (key !== undefined && key !== value)) return undefined;
      key = value;
    }
  }
  const bearer = authorization === undefined ? undefined : bearerValue(authorization);
  if (bearer === undefined) return key === undefined ? undefined : { value: key, isBearer: false };
  if (bearer === '' || (key !== undefined && key !== bearer)) return undefined;
  return { value: bearer, isBearer: true };
}

function isKeyHeader(name: string): boolean {
  return (name.length === 9 && name.toLowerCase() === 'x-api-key') || (name.length === 7 && name.toLowerCase() === 'api-key');
}

/** undefined: another scheme. Empty: a bearer without a value, or not parted from it by a blank. */
function bearerValue(authorization: string): string | undefined {
  if (authorization.slice(0, 6).toLowerCase() !== 'bearer') return undefined;
  if (authorization[6] === ' ') return authorization.slice(7);
  return /^[\w!#$%&'*+.^`|~-]/.test(authorization.slice(6)) ? undefined : '';
}
