import type { ErrorBody } from '../../contracts/gateway-error.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { explainRefusal } from '../openai/explain-refusal.js';
import { asObject, type JsonObject, parsedJson } from '../openai/json-value.js';
import { providerError } from '../openai/provider-error.js';
import { safeWords } from '../openai/safe-words.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders } from '../upstream-transport.js';
import { withoutKey } from '../without-key.js';

/** As OpenAI's errors, with what the filter found (`innererror`), and with the faults that hosted models list under `details`. */
export function explainAzure(upstream: UpstreamSettings, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
  const failure = explainRefusal(upstream, status, headers, body);
  const shown = failure.details.body;
  const error = shown && asObject(asObject(parsedJson(body.toString('utf8')))?.['error']);
  if (shown === undefined || error === undefined) return failure;
  const { param, message } = listed(error, shown, upstream.apiKey);
  const innererror = found(error, upstream.apiKey);
  return new UpstreamFailure(failure.kind, message, {
    ...failure.details,
    body: { error: { ...shown.error, message, param, ...(innererror !== undefined && { innererror }) } },
  });
}

const INNER_LENGTH_MAX = 16_384;

function found(error: JsonObject, apiKey: string | undefined): unknown {
  const inner = asObject(error['innererror']);
  const text = inner && withoutKey(JSON.stringify(inner), apiKey);
  return text !== undefined && text.length <= INNER_LENGTH_MAX ? parsedJson(text) : undefined;
}

function listed(
  error: JsonObject,
  { error: { message, param } }: ErrorBody,
  apiKey: string | undefined,
): Pick<ErrorBody['error'], 'message' | 'param'> {
  const clean = (text: string | undefined): string | undefined => safeWords(text === undefined ? undefined : withoutKey(text, apiKey));
  const faults = Array.isArray(error['details']) ? providerError({ detail: error['details'] }) : undefined;
  const words = clean(faults?.message);
  return { message: words === undefined ? message : `${message}: ${words}`, param: param ?? clean(faults?.param) ?? null };
}
