import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { explainError } from '../gemini/explain-error.js';
import { encodeRequest } from '../openai/encode-request.js';
import { OpenaiAdapter } from '../openai/openai-adapter.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import type { VertexOptions } from './vertex-options.js';
import { vertexPartnerRequest } from './vertex-partner-request.js';
import { vertexPartnerTarget } from './vertex-partner-target.js';

/** Other publishers' models at Vertex AI, for clients of chat completions: their bytes, with Google's token. Refusals are Google's. */
export class VertexPartnerAdapter extends OpenaiAdapter {
  constructor(private readonly options: VertexOptions) {
    super();
  }

  override encode(call: InferenceCall, target: Target): UpstreamRequest {
    return vertexPartnerRequest(encodeRequest(call, vertexPartnerTarget(target)), target, call, this.options);
  }

  override explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainError(target.upstream, status, headers, body);
  }
}
