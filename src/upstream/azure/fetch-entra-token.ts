import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';
import type { EntraCredentials } from './entra-credentials.js';
import type { EntraToken } from './entra-token.js';

const BYTES_MAX = 64 * 1024;

/**
 * Asks Entra for a token: no redirect, no proxy of the environment, nothing decompressed, at most `timeoutMs` and 64 KiB. Rejects with a word for
 * the log; axios' own error, which holds the secret that was sent, ends here. The library is loaded with the first call that needs it.
 */
export async function fetchEntraToken(credentials: EntraCredentials, timeoutMs: number): Promise<EntraToken> {
  const { tenantId, clientId, clientSecret, scope } = credentials;
  const { default: axios } = await import('axios');
  const abort = new AbortController();
  // axios' own time-out begins anew with every byte.
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope });
    const { status, data } = await axios.post<ArrayBuffer>(
      `${authority(credentials)}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
      form.toString(),
      {
        adapter: 'http',
        signal: abort.signal,
        maxRedirects: 0,
        proxy: false,
        decompress: false,
        maxContentLength: BYTES_MAX,
        responseType: 'arraybuffer',
        // Once in an hour: a kept connection would only be one more thing to close.
        httpAgent: new HttpAgent({ keepAlive: false }),
        httpsAgent: new HttpsAgent({ keepAlive: false }),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
          'accept-encoding': 'identity',
          'user-agent': 'nexus-gateway',
        },
        validateStatus: () => true,
      },
    );
    return tokenIn(status, asObject(parsedJson(Buffer.from(data).toString('utf8'))) ?? {});
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(unanswered(error, abort.signal.aborted));
  } finally {
    clearTimeout(timer);
  }
}

class Refused extends Error {
  constructor(word: string) {
    super(`Entra gave no access token: ${word}`);
  }
}

function authority({ authority: given }: EntraCredentials): string {
  return (given.includes('://') ? given : `https://${given}`).replace(/\/+$/, '');
}

/** Of what Entra says went wrong, the word and the number: the sentence around them names the application. */
function tokenIn(status: number, reply: JsonObject): EntraToken {
  const { access_token: token, expires_in: seconds } = reply;
  if (status === 200 && typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) {
    const lifetime = Number(seconds);
    return { token, lifetimeMs: (Number.isFinite(lifetime) && lifetime > 0 ? lifetime : SECONDS_UNTOLD) * 1_000 };
  }
  const word = /^[a-z_]{1,64}$/.exec(asText(reply['error']) ?? '')?.[0];
  const number = /AADSTS\d{1,12}/.exec(asText(reply['error_description']) ?? '')?.[0];
  throw new Refused([`status ${status}`, word, number].filter((part) => part !== undefined).join(', '));
}

const SECONDS_UNTOLD = 300;

function unanswered(error: unknown, timedOut: boolean): string {
  if (timedOut) return 'no answer in time';
  const { code } = error as { code?: string };
  return code === undefined || code.startsWith('ERR_') ? 'no usable answer' : code;
}
