import type { ErrorBody, ErrorCode } from '../contracts/gateway-error.js';
import type { Outcome } from '../contracts/outcome.js';

/**
 * Two verdicts on each way an attempt can fail, and what it is called outside. Nothing else decides either.
 * `retry`: `same` once more on this upstream, then the next · `next` never this upstream again for this call ·
 * `never` the answer is the client's. `blame`: the circuit breaker counts it.
 */
export const FAILURES = {
  /** Refused, no such host, bad certificate, or reset before a byte of answer. */
  unreachable: { retry: 'same', blame: true, code: 'upstream_unreachable', outcome: 'unreachable' },
  connect_timeout: { retry: 'next', blame: true, code: 'upstream_timeout', outcome: 'timeout' },
  first_byte_timeout: { retry: 'next', blame: true, code: 'upstream_timeout', outcome: 'timeout' },
  /** 408, 425 and every 5xx; an error event before any content. */
  server_error: { retry: 'same', blame: true, code: 'upstream_invalid_response', outcome: 'server_error' },
  /** A 2xx without a valid body, a redirect, a status out of range, bytes that are no HTTP. */
  invalid: { retry: 'same', blame: true, code: 'upstream_invalid_response', outcome: 'invalid' },
  rate_limited: { retry: 'next', blame: false, code: 'upstream_rate_limited', outcome: 'rate_limited' },
  quota_exhausted: { retry: 'next', blame: false, code: 'upstream_rate_limited', outcome: 'rate_limited' },
  /** The provider refused our key, or none is set. */
  auth: { retry: 'next', blame: false, code: 'upstream_auth_failed', outcome: 'auth_failed' },
  /** The prompt is longer than this model's window: another's may be larger. */
  context_length: { retry: 'next', blame: false, code: 'invalid_value', outcome: 'client_error' },
  /** Every other 4xx, a content filter's refusal among them: the provider's words are the answer. */
  rejected: { retry: 'never', blame: false, code: 'invalid_value', outcome: 'client_error' },
  /** Cut or an error event after the first content. */
  interrupted: { retry: 'never', blame: true, code: 'upstream_stream_interrupted', outcome: 'interrupted' },
  /** Silence after the first content, or the total time is up. */
  stalled: { retry: 'never', blame: true, code: 'upstream_timeout', outcome: 'timeout' },
  /** The total time is up while the client, not the upstream, was slow. */
  unread: { retry: 'never', blame: false, code: 'upstream_timeout', outcome: 'client_gone' },
  client_gone: { retry: 'never', blame: false, code: 'internal_error', outcome: 'client_gone' },
} as const satisfies Record<string, { retry: 'same' | 'next' | 'never'; blame: boolean; code: ErrorCode; outcome: Outcome }>;

export type FailureKind = keyof typeof FAILURES;

/** Why an attempt failed, inside the house. `message` may be shown to a client; `cause` is for the log alone. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';

  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly details: {
      /** The provider's status and body in our error shape, for kinds that pass through (`rejected`, `context_length`). */
      readonly status?: number;
      readonly body?: ErrorBody;
      /** A content filter refused. */
      readonly isFiltered?: boolean;
      /** The provider's bytes as they came, for `pass_through_errors`. */
      readonly rawBody?: Buffer;
      /** What the provider asked us to wait, 0 to 60,000; undefined: it did not say. */
      readonly retryAfterMs?: number;
      /** What was wanting is the gateway's own (files it may open, memory for sockets): never the upstream's fault, whatever the kind. */
      readonly isOurs?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
  }
}
