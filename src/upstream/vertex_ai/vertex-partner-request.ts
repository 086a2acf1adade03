import { partnerPublisher } from '../../config/partner-publisher.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { UpstreamRequest } from '../upstream-transport.js';
import type { VertexOptions } from './vertex-options.js';
import { vertexPath } from './vertex-path.js';
import { vertexPlace } from './vertex-place.js';

/**
 * A request as OpenAI would get it, at the project's OpenAI face, or, for who has an address of his own there, at that. A key that is set is a token
 * that the operator got himself; without one, Google is asked.
 */
export function vertexPartnerRequest(request: UpstreamRequest, target: Target, call: InferenceCall, options: VertexOptions): UpstreamRequest {
  const { model, upstream } = target;
  const publisher = partnerPublisher(model);
  const verb = call.stream ? 'streamRawPredict' : 'rawPredict';
  const path =
    publisher === undefined ? `${vertexPlace(target, options)}/endpoints/openapi${request.path}` : vertexPath(target, options, publisher, verb);
  const placed = { ...request, path };
  return upstream.apiKey === undefined ? { ...placed, authorization: options.tokens } : placed;
}
