import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

const BYTES_MAX = 256 * 1024;

/**
 * The text of a JWKS, from the operator's address and from nowhere else: no redirect, no proxy of the environment, nothing decompressed,
 * at most `timeoutMs` and 256 KiB. Rejects with a word for the log; axios' own error, which holds the request, ends here.
 */
export async function fetchKeySet(url: string, timeoutMs: number): Promise<string> {
  const { default: axios } = await import('axios');
  const abort = new AbortController();
  // axios' own time-out begins anew with every byte.
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const { data } = await axios.get<ArrayBuffer>(url, {
      adapter: 'http',
      signal: abort.signal,
      maxRedirects: 0,
      proxy: false,
      decompress: false,
      maxContentLength: BYTES_MAX,
      responseType: 'arraybuffer',
      // Once in minutes: a kept connection would only be one more thing to close.
      httpAgent: new HttpAgent({ keepAlive: false }),
      httpsAgent: new HttpsAgent({ keepAlive: false }),
      headers: { accept: 'application/json, application/jwk-set+json', 'accept-encoding': 'identity', 'user-agent': 'nexus-gateway' },
      validateStatus: (status) => status === 200,
    });
    return Buffer.from(data).toString('utf8');
  } catch (error) {
    throw new Error(reason(error, abort.signal.aborted));
  } finally {
    clearTimeout(timer);
  }
}

function reason(error: unknown, timedOut: boolean): string {
  if (timedOut) return 'no answer in time';
  const { response, code } = error as { response?: { status?: number }; code?: string };
  if (response?.status !== undefined) return `status ${response.status}`;
  return code === undefined || code.startsWith('ERR_') ? 'no usable answer' : code;
}
