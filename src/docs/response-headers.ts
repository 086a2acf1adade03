import type { Headers } from './openapi-types.js';

const text = (description: string, example: string): Headers[string] => ({ description, schema: { type: 'string', examples: [example] } });
const whole = (description: string, example: number): Headers[string] => ({ description, schema: { type: 'integer', examples: [example] } });

export const RESPONSE_HEADERS: Headers = {
  'x-request-id': text('Names this request in the log. Yours, if you sent one of `[A-Za-z0-9_-]{1,128}`.', '4f9c1e0b2d7a4c55'),
  'x-nexus-upstream': text('The upstream that served. Absent where a ping had to go out first.', 'mock'),
  'x-nexus-attempts': whole('How many attempts were made, over retries and fallbacks.', 1),
  'x-nexus-overhead-ms': text("The gateway's own time, without the upstream's.", '0.42'),
  'x-ratelimit-limit-requests': whole('Calls a minute. Absent for the unlimited.', 60),
  'x-ratelimit-remaining-requests': whole('Calls left just now.', 59),
  'x-ratelimit-reset-requests': text('Until all are there again.', '1s'),
  'retry-after': whole('Seconds until it is worth trying again.', 1),
  'x-should-retry': text('`false`: the gateway has already tried again.', 'false'),
};

/** By reference, for the answers that carry them. */
export function headers(...names: (keyof typeof RESPONSE_HEADERS & string)[]): Headers {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

export const ON_SUCCESS = headers(
  'x-request-id',
  'x-nexus-upstream',
  'x-nexus-attempts',
  'x-nexus-overhead-ms',
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
);
