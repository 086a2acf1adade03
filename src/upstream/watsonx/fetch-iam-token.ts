import { askIssuer } from '../../config/ask-issuer.js';
import type { GivenToken } from '../given-token.js';
import { asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';

const BYTES_MAX = 64 * 1024;

/** Asks IBM's Identity and Access Management for a token, in at most `timeoutMs` and 64 KiB. Rejects with a word for the log, without what was sent. */
export async function fetchIamToken(url: string, apiKey: string, timeoutMs: number): Promise<GivenToken> {
  const form = new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: apiKey });
  try {
    const { status, text } = await askIssuer({ url, accept: 'application/json', form, timeoutMs, bytesMax: BYTES_MAX });
    return tokenIn(status, asObject(parsedJson(text)) ?? {});
  } catch (error) {
    throw new Error(`IBM gave no access token: ${(error as Error).message}`);
  }
}

/** Of what went wrong, the code alone: the words around it may name the key. */
function tokenIn(status: number, reply: JsonObject): GivenToken {
  const { access_token: token, expires_in: seconds } = reply;
  if (status === 200 && typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) {
    const lifetime = Number(seconds);
    return { token, lifetimeMs: (Number.isFinite(lifetime) && lifetime > 0 ? lifetime : SECONDS_UNTOLD) * 1_000 };
  }
  const code = /^\w{1,32}$/.exec(asText(reply['errorCode']) ?? '')?.[0];
  throw new Error([`status ${status}`, code].filter((part) => part !== undefined).join(', '));
}

const SECONDS_UNTOLD = 300;
