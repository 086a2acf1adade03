import { anthropicError } from '../contracts/anthropic-error.js';
import { ERRORS, type ErrorCode } from '../contracts/gateway-error.js';
import type { Responses } from './openapi-types.js';
import { headers } from './response-headers.js';
import { reference } from './schema-parts.js';

const WORDS: Readonly<Record<number, string>> = {
  400: 'The request cannot be understood, or lacks something.',
  401: 'No valid credential.',
  404: 'No such model for this key, or no such URL.',
  405: 'This URL takes another method: see `Allow`.',
  408: 'The request did not arrive in time.',
  413: 'The body is larger than GATEWAY_BODY_LIMIT_BYTES.',
  414: 'The URL is too long.',
  415: 'The body must be plain JSON.',
  417: 'An expectation that is not met.',
  426: 'WebSockets are not spoken here.',
  429: 'Too many calls: of this key, or for the upstream. See `Retry-After`.',
  431: 'The headers are too large.',
  500: 'A fault of the gateway. Its log tells more of this request id.',
  501: 'The body is in a transfer coding other than `chunked`.',
  502: 'The upstream failed, after every attempt.',
  503: 'Not now: overloaded, shutting down, or every upstream of this call is known to fail.',
  504: 'The upstream did not answer in time.',
};

const BY_STATUS = [...Map.groupBy(Object.keys(ERRORS) as ErrorCode[], (code) => ERRORS[code].status)];

function refusal(status: number, schema: string, examples: Readonly<Record<string, { readonly value: object }>>): Responses[string] {
  return {
    description: WORDS[status] ?? 'A refusal.',
    headers: headers(
      'x-request-id',
      ...(status === 429 || status === 503 ? ['retry-after'] : []),
      ...(status === 502 || status === 504 ? ['x-should-retry'] : []),
    ),
    content: { 'application/json': { schema: reference(schema), examples: { ...examples } } },
  };
}

/** One response for each status of the error table, with an example for each of its codes; and one in Anthropic's shape. */
export const ERROR_RESPONSES: Responses = Object.fromEntries(
  BY_STATUS.flatMap(([status, codes]) => {
    const bodies = codes.map((code) => [code, { error: { message: WORDS[status] ?? '', type: ERRORS[code].type, param: null, code } }] as const);
    return [
      [`Error${status}`, refusal(status, 'Error', Object.fromEntries(bodies.map(([code, value]) => [code, { value }])))],
      [
        `AnthropicError${status}`,
        refusal(status, 'AnthropicError', Object.fromEntries(bodies.map(([code, body]) => [code, { value: anthropicError(body, status) }]))),
      ],
    ];
  }),
);

/** By reference, for the operations that may refuse so. */
export function errorResponses(...statuses: number[]): Responses {
  return byReference('Error', statuses);
}

/** The same, for the operations of Anthropic's wire. */
export function anthropicErrorResponses(...statuses: number[]): Responses {
  return byReference('AnthropicError', statuses);
}

function byReference(name: string, statuses: readonly number[]): Responses {
  return Object.fromEntries(statuses.map((status) => [String(status), { $ref: `#/components/responses/${name}${status}` }]));
}
