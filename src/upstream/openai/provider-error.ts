import { asArray, asObject, asText, type JsonObject, parsedJson } from './json-value.js';

/** What a provider says went wrong, out of whichever shape it chose. */
export interface ProviderError {
  readonly message: string | undefined;
  readonly type: string | undefined;
  readonly param: string | undefined;
  readonly code: string | undefined;
  /** The HTTP status that the body names, where it names one. */
  readonly status: number | undefined;
  readonly isContentFilter: boolean;
}

/**
 * Reads OpenAI's `{"error":{…}}` and its relatives: an error that is a text, vLLM's and Mistral's flat object, FastAPI's `detail`, Cohere's
 * bare `message`, a list with one of these, and a router's error around another provider's.
 */
export function providerError(value: unknown): ProviderError | undefined {
  const outer = asObject(value) ?? asObject(asArray(value)?.[0]);
  if (outer === undefined) return typeof value === 'string' ? told({ message: value }, {}) : undefined;
  const inner = outer['error'] ?? asArray(outer['errors'])?.[0];
  if (typeof inner === 'string') return told({ ...outer, message: inner, type: outer['type'] ?? outer['error_type'] }, outer);
  const error = asObject(inner);
  if (error !== undefined) return told(error, outer);
  const detail = outer['detail'];
  if (asObject(detail) !== undefined) return providerError({ error: detail });
  if (detail !== undefined) return detailed(detail);
  return asText(outer['message'] ?? outer['Message']) === undefined
    ? undefined
    : told({ ...outer, message: outer['message'] ?? outer['Message'] }, outer);
}

/** A body, or an event of a stream, that reports an error although its status was a good one. */
export function embeddedError(value: JsonObject): ProviderError | undefined {
  const error = value['error'];
  if (error !== undefined && error !== null && error !== false && error !== '') return providerError(value) ?? NAMELESS;
  // IBM lists them.
  const isError = value['object'] === 'error' || (value['choices'] === undefined && asArray(value['errors'])?.[0] !== undefined);
  return isError ? (providerError(value) ?? NAMELESS) : undefined;
}

const NAMELESS: ProviderError = { message: undefined, type: undefined, param: undefined, code: undefined, status: undefined, isContentFilter: false };

function told(error: JsonObject, outer: JsonObject): ProviderError {
  const metadata = asObject(error['metadata']);
  // "Provider returned error" says nothing: what that provider returned is inside.
  const raw = asText(metadata?.['raw']);
  const source = raw === undefined ? undefined : (providerError(parsedJson(raw)) ?? told({ message: raw }, {}));
  const code = codeText(error['code']);
  const type = asText(error['type']) ?? asText(error['status']);
  return {
    message: source?.message ?? asText(error['message']),
    type: type === 'None' ? undefined : type,
    param: asText(error['param']),
    code,
    status: statusNumber(error['status_code'], error['status'], error['raw_status_code'], outer['status'], error['code']),
    isContentFilter:
      source?.isContentFilter === true ||
      FILTER.test(`${code} ${type} ${asText(asObject(error['innererror'])?.['code'])}`) ||
      metadata?.['flagged_input'] !== undefined ||
      FILTER_WORDS.test(asText(error['message']) ?? ''),
  };
}

const FILTER = /\b(content_filter(ed)?|content_policy_violation|ResponsibleAIPolicyViolation|moderation_blocked|data_inspection_failed)\b/;
const FILTER_WORDS = /content management policy|violates usage guidelines|flagged (by|for) .*moderation|input was flagged/i;

/** FastAPI's: a text, or a list of what is wrong and where. What was sent stands there too (`input`), and is left out. */
function detailed(detail: unknown): ProviderError | undefined {
  if (typeof detail === 'string') return told({ message: detail }, {});
  const faults = (asArray(detail) ?? []).map(asObject).filter((fault) => fault !== undefined);
  if (faults.length === 0) return undefined;
  const words = faults.slice(0, FAULTS_MAX).map((fault) => [place(fault), asText(fault['msg'])].filter(Boolean).join(': '));
  return { ...NAMELESS, message: words.join('; '), param: place(faults[0] as JsonObject) };
}

const FAULTS_MAX = 5;

/** `["body","messages",0,"role"]` is `messages[0].role`. */
function place(fault: JsonObject): string | undefined {
  const [first, ...rest] = asArray(fault['loc']) ?? [];
  const steps = first === 'body' ? rest : [first, ...rest];
  let text = '';
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (typeof step === 'string') text += text === '' ? step : `.${step}`;
  }
  return text === '' ? undefined : text;
}

function codeText(code: unknown): string | undefined {
  return typeof code === 'number' ? String(code) : asText(code);
}

function statusNumber(...candidates: readonly unknown[]): number | undefined {
  for (const candidate of candidates) {
    const status = typeof candidate === 'string' && /^\d{3}$/.test(candidate) ? Number(candidate) : candidate;
    if (typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599) return status;
  }
  return undefined;
}
