import { isUtf8 } from 'node:buffer';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { asArray, asObject, asText, type JsonObject, parsedJson } from '../openai/json-value.js';
import { type ProviderError, providerError } from '../openai/provider-error.js';
import { impliedStatus, refusalFailure } from '../openai/refusal.js';
import { safeLine } from '../openai/safe-words.js';
import { retryAfterMs } from '../retry-after.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders } from '../upstream-transport.js';

/** Names the failure behind a status that is no 2xx: Google's `{"error":{code,message,status,details}}`, alone or in a list, or whatever a proxy says. */
export function explainError(upstream: Pick<UpstreamSettings, 'apiKey'>, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
  const text = isUtf8(body) ? body.toString('utf8') : '';
  const json = parsedJson(text);
  const { error, delay } = json === undefined ? { error: providerError(safeLine(text)), delay: undefined } : googleError(json);
  return refusalFailure(upstream, { status, error, body, retryAfterMs: retryAfterMs(headers) ?? waitMs(delay) });
}

/** The failure behind an error that came in a reply with a good status. */
export function embeddedFailure(upstream: Pick<UpstreamSettings, 'apiKey'>, response: JsonObject): UpstreamFailure {
  const { error, delay } = googleError(response);
  const status = error === undefined ? 500 : impliedStatus(error);
  return refusalFailure(upstream, { status, error, body: Buffer.from(JSON.stringify(response)), retryAfterMs: waitMs(delay) });
}

function googleError(json: unknown): { readonly error: ProviderError | undefined; readonly delay: string | undefined } {
  const outer = asObject(json) ?? asObject(asArray(json)?.[0]);
  const error = asObject(outer?.['error']);
  const told = providerError(json);
  // Another's words, of a proxy or of a model that is only hosted.
  if (error === undefined || told === undefined || asText(error['status']) === undefined) return { error: told, delay: undefined };
  const details = (asArray(error['details']) ?? []).map(asObject).filter((detail) => detail !== undefined);
  const field = details.flatMap((detail) => asArray(detail['fieldViolations']) ?? []).map((violation) => asText(asObject(violation)?.['field']));
  return {
    error: { ...told, type: undefined, code: codeOf(error, details), param: field.find((name) => name !== undefined) },
    delay: details.map((detail) => asText(detail['retryDelay'])).find((text) => text !== undefined),
  };
}

/** Google's word for it (`INVALID_ARGUMENT`), or OpenAI's where clients and this house act on it. */
function codeOf(error: JsonObject, details: readonly JsonObject[]): string | undefined {
  // A bad key is a bad argument here: only the reason tells.
  if (details.some(({ reason }) => reason === 'API_KEY_INVALID')) return 'invalid_api_key';
  const quotas = details.flatMap(({ violations }) => asArray(violations) ?? []).map((violation) => asText(asObject(violation)?.['quotaId']));
  if (quotas.some((quota) => quota?.includes('PerDay') === true)) return 'insufficient_quota';
  return asText(error['status']);
}

function waitMs(delay: string | undefined): number | undefined {
  return delay === undefined ? undefined : retryAfterMs({ 'retry-after': delay });
}
