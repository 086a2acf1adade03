import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { explainRefusal } from '../openai/explain-refusal.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders } from '../upstream-transport.js';

/** As for every provider; an empty account is told as a 400 here, and is no fault of the request. */
export function explainAnthropic(upstream: UpstreamSettings, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
  const failure = explainRefusal(upstream, status, headers, body);
  if (failure.kind !== 'rejected' || !/credit balance is too low|billing_error/.test(body.toString('latin1'))) return failure;
  const { rawBody } = failure.details;
  return new UpstreamFailure('quota_exhausted', 'The quota that this gateway has at the upstream is used up.', {
    status,
    ...(rawBody !== undefined && { rawBody }),
  });
}
