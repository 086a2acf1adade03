import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { type ProviderError, providerError } from '../openai/provider-error.js';
import { refusalFailure } from '../openai/refusal.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { parameterOf } from './parameter-of.js';

/** How Bedrock refused, in a reply of its own or in the middle of a stream. */
export interface BedrockRefusal {
  /** The class of the error (`ValidationException`), in a stream its first letter small; undefined: it was not told. */
  readonly type: string | undefined;
  /** undefined: it came in a reply whose status was a good one, and the class has to tell. */
  readonly status: number | undefined;
  /** What the body holds, JSON or a text. */
  readonly value: unknown;
  readonly body: Buffer;
  readonly retryAfterMs: number | undefined;
}

/** The failure behind a refusal, by its class where the status alone would not tell. */
export function bedrockFailure(upstream: Pick<UpstreamSettings, 'apiKey'>, refusal: BedrockRefusal): UpstreamFailure {
  const type = refusal.type?.replace(/^[a-z]/, (letter) => letter.toUpperCase());
  const known = CLASSES[type ?? ''];
  const status = refusal.status ?? known?.status ?? 500;
  const told = providerError(refusal.value);
  const failure = refusalFailure(upstream, {
    status: known?.means ?? status,
    error: told === undefined && type === undefined ? undefined : named(told, type, known?.code),
    body: refusal.body,
    retryAfterMs: refusal.retryAfterMs,
  });
  const { rawBody, ...details } = failure.details;
  // What is said of a wrong signature repeats what was signed, a session's token among it, and names the account.
  const bytes = failure.kind === 'auth' || rawBody === undefined ? {} : { rawBody };
  return new UpstreamFailure(failure.kind, failure.message, { ...details, status, ...bytes });
}

interface ErrorClass {
  /** In a reply of its own. */
  readonly status: number;
  /** The status that says better what it means to us. */
  readonly means?: number;
  /** OpenAI's word for it, where there is one that clients or this house act on. */
  readonly code?: string;
}

const CLASSES: Readonly<Record<string, ErrorClass>> = {
  ValidationException: { status: 400 },
  SerializationException: { status: 400 },
  ConflictException: { status: 400 },
  AccessDeniedException: { status: 403, means: 403 },
  UnrecognizedClientException: { status: 403, means: 401 },
  ExpiredTokenException: { status: 403, means: 401 },
  InvalidSignatureException: { status: 403, means: 401 },
  IncompleteSignatureException: { status: 400, means: 401 },
  MissingAuthenticationTokenException: { status: 403, means: 401 },
  NotAuthorized: { status: 401, means: 401 },
  OptInRequired: { status: 403, means: 403 },
  ResourceNotFoundException: { status: 404 },
  ModelTimeoutException: { status: 408 },
  ThrottlingException: { status: 429, means: 429 },
  TooManyRequestsException: { status: 429, means: 429 },
  ServiceQuotaExceededException: { status: 400, means: 429, code: 'insufficient_quota' },
  ModelNotReadyException: { status: 429, means: 429 },
  // The model failed, not the request.
  ModelErrorException: { status: 424, means: 500 },
  ModelStreamErrorException: { status: 424, means: 500 },
  InternalServerException: { status: 500, means: 500 },
  InternalFailure: { status: 500, means: 500 },
  ServiceUnavailableException: { status: 503, means: 503 },
};

/** The class stands where OpenAI has its code, except the one that says no more than that the request was wrong. */
function named(told: ProviderError | undefined, type: string | undefined, code: string | undefined): ProviderError {
  const message = told?.message;
  return {
    message,
    type: undefined,
    param: parameterOf(message),
    code: code ?? (type === 'ValidationException' ? undefined : type),
    status: undefined,
    isContentFilter: told?.isContentFilter ?? false,
  };
}
