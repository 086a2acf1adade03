import { isUtf8 } from 'node:buffer';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { retryAfterMs } from '../retry-after.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders } from '../upstream-transport.js';
import { parsedJson } from './json-value.js';
import { providerError } from './provider-error.js';
import { refusalFailure } from './refusal.js';
import { safeLine } from './safe-words.js';

/** Names the failure behind a status that is no 2xx, out of a body of any kind. */
export function explainRefusal(upstream: UpstreamSettings, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
  const text = isUtf8(body) ? body.toString('utf8').replace(/^\ufeff/, '') : '';
  const json = parsedJson(text);
  const error = json === undefined ? providerError(safeLine(text)) : providerError(json);
  return refusalFailure(upstream, { status, error, body, retryAfterMs: retryAfterMs(headers) });
}
