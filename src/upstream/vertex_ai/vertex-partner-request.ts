import type { Target } from '../../contracts/target.js';
import type { UpstreamRequest } from '../upstream-transport.js';
import type { VertexOptions } from './vertex-options.js';
import { vertexPlace } from './vertex-place.js';

/** A request as OpenAI would get it, at the project's OpenAI face. A key that is set is a token that the operator got himself; without one, Google is asked. */
export function vertexPartnerRequest(request: UpstreamRequest, target: Target, options: VertexOptions): UpstreamRequest {
  const placed = { ...request, path: `${vertexPlace(target, options)}/endpoints/openapi${request.path}` };
  return target.upstream.apiKey === undefined ? { ...placed, authorization: options.tokens } : placed;
}
