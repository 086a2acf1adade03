import type { Principal } from './principal.js';

/** The short name of a principal that the log writes, and whatever else is to be found in it. */
export function loggedPrincipal({ id }: Pick<Principal, 'id'>): string {
  return id.slice(0, DIGITS);
}

const DIGITS = 12;
