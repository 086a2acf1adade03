import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { explainError } from '../gemini/explain-error.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { ChatOutbound } from '../openai/chat-outbound.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import type { VertexOptions } from './vertex-options.js';
import { vertexPartnerRequest } from './vertex-partner-request.js';
import { vertexPartnerTarget } from './vertex-partner-target.js';

/** Other publishers' models at Vertex AI, for clients that speak another wire than OpenAI's. What is left out and refused stands at `ChatOutbound`. */
export class VertexPartnerOutbound extends ChatOutbound {
  constructor(private readonly options: VertexOptions) {
    super();
  }

  override write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    return vertexPartnerRequest(super.write(request, vertexPartnerTarget(target), call), target, call, this.options);
  }

  override explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainError(target.upstream, status, headers, body);
  }
}
