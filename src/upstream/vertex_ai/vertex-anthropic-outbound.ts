import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { AnthropicOutbound } from '../anthropic/anthropic-outbound.js';
import { anthropicRequest } from '../anthropic/anthropic-request.js';
import { messagesBetas } from '../anthropic/messages-betas.js';
import { messagesBody } from '../anthropic/messages-body.js';
import { explainError } from '../gemini/explain-error.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { VERTEX_ANTHROPIC_VERSION } from './vertex-anthropic-version.js';
import type { VertexOptions } from './vertex-options.js';
import { vertexPath } from './vertex-path.js';
import { vertexRequest } from './vertex-request.js';

/** Claude at Vertex AI: Anthropic's messages and streams, with the model in the address and the version in the body. */
export class VertexAnthropicOutbound extends AnthropicOutbound {
  constructor(private readonly options: VertexOptions) {
    super();
  }

  override write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    const body = { anthropic_version: VERTEX_ANTHROPIC_VERSION, ...messagesBody(request, target.model), ...(call.stream && { stream: true }) };
    const betas = messagesBetas(request, target.model);
    const { 'anthropic-version': _version, ...crossing } = call.headers;
    const { headers } = anthropicRequest({ ...target.upstream, apiKey: undefined }, { ...call, headers: crossing }, EMPTY, { betas });
    const path = vertexPath(target, this.options, 'anthropic', call.stream ? 'streamRawPredict' : 'rawPredict');
    return vertexRequest(target, path, headers, body, this.options);
  }

  /** Refusals are Google's or Anthropic's, by who refuses. */
  override explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainError(target.upstream, status, headers, body);
  }
}

const EMPTY = Buffer.alloc(0);
