import { askIssuer } from '../../config/ask-issuer.js';
import type { GivenToken } from '../given-token.js';
import { asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';
import type { EntraCredentials } from './entra-credentials.js';

const BYTES_MAX = 64 * 1024;

/** Asks Entra for a token, in at most `timeoutMs` and 64 KiB. Rejects with a word for the log, without what was sent. */
export async function fetchEntraToken(credentials: EntraCredentials, timeoutMs: number): Promise<GivenToken> {
  const { tenantId, clientId, clientSecret, scope } = credentials;
  const url = `${authority(credentials)}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope });
  try {
    const { status, text } = await askIssuer({ url, accept: 'application/json', form, timeoutMs, bytesMax: BYTES_MAX });
    return tokenIn(status, asObject(parsedJson(text)) ?? {});
  } catch (error) {
    throw new Error(`Entra gave no access token: ${(error as Error).message}`);
  }
}

function authority({ authority: given }: EntraCredentials): string {
  return (given.includes('://') ? given : `https://${given}`).replace(/\/+$/, '');
}

/** Of what Entra says went wrong, the word and the number: the sentence around them names the application. */
function tokenIn(status: number, reply: JsonObject): GivenToken {
  const { access_token: token, expires_in: seconds } = reply;
  if (status === 200 && typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) {
    const lifetime = Number(seconds);
    return { token, lifetimeMs: (Number.isFinite(lifetime) && lifetime > 0 ? lifetime : SECONDS_UNTOLD) * 1_000 };
  }
  const word = /^[a-z_]{1,64}$/.exec(asText(reply['error']) ?? '')?.[0];
  const number = /AADSTS\d{1,12}/.exec(asText(reply['error_description']) ?? '')?.[0];
  throw new Error([`status ${status}`, word, number].filter((part) => part !== undefined).join(', '));
}

const SECONDS_UNTOLD = 300;
