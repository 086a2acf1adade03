/** The one table of what a client can be told: HTTP status and OpenAI's error type by code. */
export const ERRORS = {
  invalid_json: { status: 400, type: 'invalid_request_error' },
  invalid_value: { status: 400, type: 'invalid_request_error' },
  missing_required_parameter: { status: 400, type: 'invalid_request_error' },
  json_too_complex: { status: 400, type: 'invalid_request_error' },
  malformed_request: { status: 400, type: 'invalid_request_error' },
  invalid_api_key: { status: 401, type: 'invalid_request_error' },
  model_not_found: { status: 404, type: 'invalid_request_error' },
  unknown_url: { status: 404, type: 'invalid_request_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error' },
  request_timeout: { status: 408, type: 'invalid_request_error' },
  request_too_large: { status: 413, type: 'invalid_request_error' },
  uri_too_long: { status: 414, type: 'invalid_request_error' },
  unsupported_media_type: { status: 415, type: 'invalid_request_error' },
  expectation_failed: { status: 417, type: 'invalid_request_error' },
  websocket_unsupported: { status: 426, type: 'invalid_request_error' },
  headers_too_large: { status: 431, type: 'invalid_request_error' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error' },
  upstream_rate_limited: { status: 429, type: 'rate_limit_error' },
  internal_error: { status: 500, type: 'server_error' },
  transfer_coding_unsupported: { status: 501, type: 'invalid_request_error' },
  upstream_unreachable: { status: 502, type: 'server_error' },
  upstream_invalid_response: { status: 502, type: 'server_error' },
  upstream_auth_failed: { status: 502, type: 'server_error' },
  upstream_stream_interrupted: { status: 502, type: 'server_error' },
  overloaded: { status: 503, type: 'server_error' },
  circuit_open: { status: 503, type: 'server_error' },
  rate_limit_store_unavailable: { status: 503, type: 'server_error' },
  auth_unavailable: { status: 503, type: 'server_error' },
  shutting_down: { status: 503, type: 'server_error' },
  upstream_timeout: { status: 504, type: 'server_error' },
} as const satisfies Record<string, { status: number; type: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** The body every refusal has. */
export interface ErrorBody {
  readonly error: { readonly message: string; readonly type: string | null; readonly param: string | null; readonly code: string | null };
}

export interface ErrorDetails {
  readonly param?: string;
  /** Becomes `Retry-After`, rounded up to whole seconds, at least 1. */
  readonly retryAfterMs?: number;
  /** false: `x-should-retry: false`, because this gateway has already tried again. */
  readonly shouldRetry?: false;
  readonly headers?: Readonly<Record<string, string>>;
  /** A provider's own refusal, passed on: its status, and its words in our shape or the very bytes it sent. */
  readonly provider?: { readonly status: number; readonly body: ErrorBody | Buffer };
  /** Told to Anthropic's clients alone, whose libraries act upon it. */
  readonly anthropic?: object;
  readonly cause?: unknown;
}

/** What a client is told. The message names the thing and the mend, and never a host, path, library, stack or key. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
  }

  get status(): number {
    return this.details.provider?.status ?? ERRORS[this.code].status;
  }

  /** The body in the one shape, also where a provider's bytes are passed on as they came. */
  get body(): ErrorBody {
    const words = this.details.provider?.body;
    if (words !== undefined && !Buffer.isBuffer(words)) return words;
    return { error: { message: this.message, type: ERRORS[this.code].type, param: this.details.param ?? null, code: this.code } };
  }
}
