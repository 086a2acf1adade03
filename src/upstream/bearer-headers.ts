import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import type { InferenceCall } from '../contracts/inference-call.js';

/**
 * The headers of a JSON request to a provider that takes its key as a bearer: what crosses from the client, but for what it says to
 * others alone (`foreign`), then the operator's own, then what is sent and wanted. Framing and encoding are the transport's.
 */
export function bearerHeaders(
  call: InferenceCall,
  { apiKey, headers }: Pick<UpstreamSettings, 'apiKey' | 'headers'>,
  foreign?: RegExp,
  scheme = 'Bearer',
): Readonly<Record<string, string>> {
  return {
    ...(foreign === undefined ? call.headers : Object.fromEntries(Object.entries(call.headers).filter(([name]) => !foreign.test(name)))),
    ...headers,
    'content-type': 'application/json',
    accept: call.stream ? 'text/event-stream' : 'application/json',
    ...(apiKey !== undefined && { authorization: `${scheme} ${apiKey}` }),
  };
}
