import { askIssuer } from '../config/ask-issuer.js';

const ACCEPT = 'application/json, application/jwk-set+json';
const BYTES_MAX = 256 * 1024;

/** The text of a JWKS, in at most `timeoutMs` and 256 KiB. Rejects with a word for the log. */
export async function fetchKeySet(url: string, timeoutMs: number): Promise<string> {
  const { status, text } = await askIssuer({ url, accept: ACCEPT, timeoutMs, bytesMax: BYTES_MAX });
  if (status !== 200) throw new Error(`status ${status}`);
  return text;
}
