import { createHash } from 'node:crypto';

/** An id for a call that Gemini gave none. It is made of `seed`, which no other call has: the same bytes, the same id. */
export function callId(seed: string): string {
  return `call_${createHash('sha256').update(seed).digest('hex').slice(0, 24)}`;
}

/** The id as Gemini gave it, eight letters and digits; undefined for what another provider, or this gateway, has made, which is not told. */
export function givenId(id: string): string | undefined {
  return /^[A-Za-z0-9]{8}$/.test(id) ? id : undefined;
}
