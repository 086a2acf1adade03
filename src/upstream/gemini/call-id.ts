import { createHash } from 'node:crypto';

/** A tool call as Gemini knows it: its own id, where it gave one, and the signature of the thought behind it. */
export interface KnownCall {
  readonly id: string | undefined;
  readonly signature: string | undefined;
}

/**
 * The id a client gets for a call. Gemini wants the signature back with the call, and of a call most clients keep the id alone: so it travels
 * there, as LiteLLM's users know it. Where Gemini gave no id, one is made of `seed`, which no other reply has: the same bytes, the same id.
 */
export function callId(given: string | undefined, signature: string | undefined, seed: string): string {
  const id = given ?? `${MADE}${createHash('sha256').update(seed).digest('hex').slice(0, 24)}`;
  return signature === undefined ? id : `${id}${THOUGHT}${Buffer.from(signature, 'base64').toString('base64url')}`;
}

/** What a client's id says. An id that another provider, or this gateway, has made means nothing to Gemini and is not told. */
export function knownCall(id: string): KnownCall {
  const at = id.indexOf(THOUGHT);
  const given = at < 0 ? id : id.slice(0, at);
  const signature = at < 0 ? '' : id.slice(at + THOUGHT.length);
  return {
    id: GIVEN.test(given) ? given : undefined,
    signature: SIGNATURE.test(signature) ? Buffer.from(signature, 'base64').toString('base64') : undefined,
  };
}

const MADE = 'call_';
const THOUGHT = '__thought__';
/** Gemini's own ids are eight letters and digits. */
const GIVEN = /^[A-Za-z0-9]{8}$/;
const SIGNATURE = /^[A-Za-z0-9+/_-]+={0,2}$/;
