import type { Target } from '../../contracts/target.js';
import type { JsonObject } from '../openai/json-value.js';
import type { UpstreamRequest } from '../upstream-transport.js';
import type { VertexOptions } from './vertex-options.js';

/** A key that is set for the upstream is a token that its operator got himself; without one, Google is asked. */
export function vertexRequest(
  { upstream: { apiKey } }: Target,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: JsonObject | Buffer,
  { tokens }: VertexOptions,
): UpstreamRequest {
  const request = { path, body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)) };
  if (apiKey === undefined) return { ...request, headers, authorization: tokens };
  return { ...request, headers: { ...headers, authorization: `Bearer ${apiKey}` } };
}
