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
  429: 'Too many calls: of this key, or for the upstream. See `Retry-After`.',
  431: 'The headers are too large.',
  500: 'A fault of the gateway. Its log tells more of this request id.',
  502: 'The upstream failed, after every attempt.',
  503: 'Not now: overloaded, shutting down, or every upstream of this call is known to fail.',
  504: 'The upstream did not answer in time.',
};

/** One response for each status of the error table, with an example for each of its codes. */
export const ERROR_RESPONSES: Responses = Object.fromEntries(
  [...Map.groupBy(Object.keys(ERRORS) as ErrorCode[], (code) => ERRORS[code].status)].map(([status, codes]) => [
    `Error${status}`,
    {
      description: WORDS[status] ?? 'A refusal.',
      headers: headers(
        'x-request-id',
        ...(status === 429 || status === 503 ? ['retry-after'] : []),
        ...(status === 502 || status === 504 ? ['x-should-retry'] : []),
      ),
      content: {
        'application/json': {
          schema: reference('Error'),
          examples: Object.fromEntries(
            codes.map((code) => [code, { value: { error: { message: WORDS[status] ?? '', type: ERRORS[code].type, param: null, code } } }]),
          ),
        },
      },
    },
  ]),
);

/** By reference, for the operations that may refuse so. */
export function errorResponses(...statuses: number[]): Responses {
  return Object.fromEntries(statuses.map((status) => [String(status), { $ref: `#/components/responses/Error${status}` }]));
}
