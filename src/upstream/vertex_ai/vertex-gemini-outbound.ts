import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { GeminiOutbound } from '../gemini/gemini-outbound.js';
import { commonHeaders } from '../gemini/request-headers.js';
import { writeBody } from '../gemini/write-body.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import type { JsonObject } from '../openai/json-value.js';
import type { Answer } from '../upstream-adapter.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamRequest } from '../upstream-transport.js';
import { readVertexEmbeddings } from './read-vertex-embeddings.js';
import type { VertexOptions } from './vertex-options.js';
import { vertexPath } from './vertex-path.js';
import { vertexRequest } from './vertex-request.js';
import { writeVertexEmbeddings } from './write-vertex-embeddings.js';

/** Gemini at Vertex AI: the bodies are the same, the addresses and who is let in are not. */
export class VertexGeminiOutbound extends GeminiOutbound {
  constructor(private readonly options: VertexOptions) {
    super();
  }

  override write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    const body = writeBody(request, { model: target.model, isVertex: true });
    return this.request(target, call, call.stream ? 'streamGenerateContent?alt=sse' : 'generateContent', body);
  }

  override writeEmbeddings(call: InferenceCall, target: Target): UpstreamRequest {
    const { verb, body } = writeVertexEmbeddings(call, target.model);
    return this.request(target, call, verb, body);
  }

  override readEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure {
    return readVertexEmbeddings(body, call, target);
  }

  private request(target: Target, call: InferenceCall, verb: string, body: JsonObject): UpstreamRequest {
    const headers = commonHeaders(target.upstream.headers, call);
    return vertexRequest(target, vertexPath(target, this.options, 'google', verb), headers, body, this.options);
  }
}
