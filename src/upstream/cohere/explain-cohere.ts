import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { explainRefusal } from '../openai/explain-refusal.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders } from '../upstream-transport.js';

/**
 * Cohere's `{"id","message"}`, as for every provider. Two things are its own: an account that cannot pay, or a trial key that has had its calls of
 * the month, is a quota that is used up; and 499 says that Cohere gave up the request, which is no fault of it.
 */
export function explainCohere(upstream: UpstreamSettings, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
  const failure = explainRefusal(upstream, status === 499 ? 500 : status, headers, body);
  const isUsedUp = status === 402 || (status === 429 && /trial key.{0,200}month/is.test(body.toString('utf8')));
  if (!isUsedUp) return failure;
  const { body: _, ...details } = failure.details;
  return new UpstreamFailure('quota_exhausted', 'The quota that this gateway has at the upstream is used up.', details);
}
