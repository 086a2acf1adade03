import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** A GET, or a POST of `form` where there is one. */
export interface IssuerQuestion {
  readonly url: string;
  readonly accept: string;
  readonly form?: URLSearchParams;
  /** Beside those that every question has. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly bytesMax: number;
}

export interface IssuerAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks whoever issues keys or tokens, at the operator's address and nowhere else: no redirect, no proxy of the environment, nothing decompressed.
 * Brings an answer of any status. Rejects with a word for the log; axios' own error, which holds what was sent, ends here. The library is loaded
 * with the first question.
 */
export async function askIssuer({ url, accept, form, headers, timeoutMs, bytesMax }: IssuerQuestion): Promise<IssuerAnswer> {
  const { default: axios } = await import('axios');
  const abort = new AbortController();
  // axios' own time-out begins anew with every byte.
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const { status, data } = await axios.request<ArrayBuffer>({
      url,
      method: form === undefined ? 'GET' : 'POST',
      data: form?.toString(),
      adapter: 'http',
      signal: abort.signal,
      maxRedirects: 0,
      proxy: false,
      decompress: false,
      maxContentLength: bytesMax,
      responseType: 'arraybuffer',
      // Once in minutes at the most: a kept connection would only be one more thing to close.
      httpAgent: new HttpAgent({ keepAlive: false }),
      httpsAgent: new HttpsAgent({ keepAlive: false }),
      headers: {
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        accept,
        'accept-encoding': 'identity',
        'user-agent': 'nexus-gateway',
        ...headers,
      },
      validateStatus: () => true,
    });
    return { status, text: Buffer.from(data).toString('utf8') };
  } catch (error) {
    throw new Error(unanswered(error, abort.signal.aborted));
  } finally {
    clearTimeout(timer);
  }
}

function unanswered(error: unknown, timedOut: boolean): string {
  if (timedOut) return 'no answer in time';
  const { code } = error as { code?: string };
  return code === undefined || code.startsWith('ERR_') ? 'no usable answer' : code;
}
