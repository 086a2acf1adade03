import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { asObject, asText, type JsonObject } from '../openai/json-value.js';
import { type ProviderError, providerError } from '../openai/provider-error.js';
import { reportedFailure } from '../reported-failure.js';
import type { UpstreamFailure } from '../upstream-failure.js';

/** The failure behind a response that failed or an `error` event, whether the error stands in an object of its own or not. */
export function responseFailure(value: JsonObject, upstream: Pick<UpstreamSettings, 'apiKey'> | undefined): UpstreamFailure {
  return reportedFailure(responseError(value), value, upstream as UpstreamSettings | undefined);
}

export function responseError(value: JsonObject): ProviderError | undefined {
  // Where the error is the event itself, its type is the event's.
  const error = asObject(value['error']) ?? { ...value, type: undefined };
  const isRequests = REQUESTS_FAULT.test(asText(error['code']) ?? '');
  return providerError({ error: isRequests ? { ...error, status_code: 400 } : error });
}

/** The codes of a response's error that blame the request. */
const REQUESTS_FAULT =
  /^(invalid_(?!api_key)\w+|image_\w+|empty_image_file|unsupported_image_media_type|failed_to_download_image|\w+_policy(_violation)?|data_residency_mismatch)$/;
