import type { ErrorBody } from '../../contracts/gateway-error.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { type FailureKind, UpstreamFailure } from '../upstream-failure.js';
import { withoutKey } from '../without-key.js';
import type { ProviderError } from './provider-error.js';
import { safeWords } from './safe-words.js';

/** How a provider refused: the status, and what it said of it. */
export interface Refusal {
  readonly status: number;
  readonly error: ProviderError | undefined;
  /** Its bytes as they came. */
  readonly body: Buffer;
  readonly retryAfterMs: number | undefined;
}

/** The failure behind a refusal, by the status, and where several things hide behind one status, by what the provider said. */
export function refusalFailure(upstream: Pick<UpstreamSettings, 'apiKey'>, { status, error, body, retryAfterMs }: Refusal): UpstreamFailure {
  const kind = kindOf(status, error);
  const details = {
    status,
    rawBody: Buffer.from(withoutKey(body.toString('latin1'), upstream.apiKey), 'latin1'),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  if (kind !== 'rejected' && kind !== 'context_length') return new UpstreamFailure(kind, sentence(kind, status), details);
  const shown = shownBody(upstream, kind, status, error);
  return new UpstreamFailure(kind, shown.error.message, { ...details, body: shown, ...(error?.isContentFilter === true && { isFiltered: true }) });
}

/** The status that an error without one of its own stands for. */
export function impliedStatus(error: ProviderError): number {
  if (error.status !== undefined) return error.status;
  const words = `${error.type} ${error.code}`;
  if (isQuota(error) || /rate_?limit|too_many_requests|resource_?exhausted/i.test(words)) return 429;
  if (/authentication|invalid_api_key|unauthorized/i.test(words)) return 401;
  if (error.isContentFilter || isContextLength(error) || /invalid_request|bad_?request/i.test(words)) return 400;
  return 500;
}

export function isQuota(error: ProviderError | undefined): boolean {
  return /\b(insufficient_quota|insufficient_balance|billing_hard_limit_reached|exceeded_current_quota_error)\b/.test(
    `${error?.type} ${error?.code}`,
  );
}

function kindOf(status: number, error: ProviderError | undefined): FailureKind {
  if (status < 200 || status > 599 || (status >= 300 && status < 400)) return 'invalid';
  if (status === 408 || status === 425 || status >= 500) return 'server_error';
  if (status < 300) return 'invalid';
  if (status === 429) return isQuota(error) ? 'quota_exhausted' : 'rate_limited';
  // A filter looks at the prompt, not at who sent it, whichever status it chose.
  if (error?.isContentFilter === true) return status === 401 ? 'auth' : 'rejected';
  if (status === 401 || status === 403) return 'auth';
  if (status === 400 && isKeyRefused(error)) return 'auth';
  return isContextLength(error) ? 'context_length' : 'rejected';
}

/** Some providers answer a bad key with a 400. */
function isKeyRefused(error: ProviderError | undefined): boolean {
  return error?.code === 'invalid_api_key' || /(incorrect|invalid) api[ _-]?key|api[ _-]?key (is )?(not valid|invalid)/i.test(error?.message ?? '');
}

function isContextLength(error: ProviderError | undefined): boolean {
  if (error === undefined) return false;
  if (/\b(context_length_exceeded|exceed_context_size_error|too_many_prompt_tokens)\b/.test(`${error.type} ${error.code}`)) return true;
  return CONTEXT_LENGTH.test(error.message ?? '');
}

const CONTEXT_LENGTH = new RegExp(
  [
    'maximum context length',
    'context_length_exceeded',
    'context length is only',
    "exceeds? (the |this )?(available|maximum|model's?)( maximum)? context",
    "(exceed(s|ed)?|longer than|larger than) (the |this )?(model's )?(max(imum)? )?context (window|length|size)",
    '(prompt|input) (is )?too long',
    'too many (input |prompt )?tokens',
    'input token count.{0,40} exceeds',
    'input tokens? exceeded',
    'maximum (allowed )?(input|prompt) length',
    'must have less than \\d+ tokens',
    'reduce the length of the (messages|input|prompt)',
    'total length of all messages is too long',
  ].join('|'),
  'i',
);

function shownBody(
  upstream: Pick<UpstreamSettings, 'apiKey'>,
  kind: 'rejected' | 'context_length',
  status: number,
  error: ProviderError | undefined,
): ErrorBody {
  const clean = (text: string | undefined): string | undefined => (text === undefined ? undefined : withoutKey(text, upstream.apiKey));
  const code = clean(error?.code) ?? null;
  return {
    error: {
      message: clean(safeWords(error?.message)) ?? sentence(kind, status),
      type: clean(word(error?.type)) ?? 'invalid_request_error',
      param: clean(safeWords(error?.param)) ?? null,
      // Clients look for this code; a number in its place says no more than the status does.
      code: kind === 'context_length' && (code === null || /^\d*$/.test(code)) ? 'context_length_exceeded' : code,
    },
  };
}

function word(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w.:-]{1,64}$/.test(text) ? text : undefined;
}

function sentence(kind: FailureKind, status: number): string {
  switch (kind) {
    case 'auth':
      return 'The upstream refused the credentials of this gateway. Its operator has to check the key that is set for this upstream.';
    case 'quota_exhausted':
      return 'The quota that this gateway has at the upstream is used up.';
    case 'rate_limited':
      return 'The upstream is limiting the rate of requests. Try again later.';
    case 'context_length':
      return 'The prompt is longer than the context of this model. Shorten it, or use a model with a larger context.';
    case 'rejected':
      return `The upstream refused the request with status ${status} and gave no reason that can be shown.`;
    case 'server_error':
      return `The upstream failed with status ${status}.`;
    case 'invalid':
      return status >= 300 && status < 400
        ? 'The upstream answered with a redirect, which is not followed.'
        : `The upstream answered with status ${status}, which means nothing here.`;
    case 'unreachable':
    case 'connect_timeout':
    case 'first_byte_timeout':
    case 'interrupted':
    case 'stalled':
    case 'unread':
    case 'client_gone':
      return 'The upstream failed.';
  }
}
