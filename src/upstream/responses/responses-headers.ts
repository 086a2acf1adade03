import type { InferenceCall } from '../../contracts/inference-call.js';
import type { UpstreamSettings } from '../../contracts/gateway-settings.js';

/** The headers of a request to a provider that serves the Responses API. */
export function responsesHeaders(call: InferenceCall, { apiKey, headers }: UpstreamSettings): Readonly<Record<string, string>> {
  return {
    ...call.headers,
    ...headers,
    'content-type': 'application/json',
    accept: call.stream ? 'text/event-stream' : 'application/json',
    'accept-encoding': 'identity',
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  };
}
