import type { InferenceCall } from '../contracts/inference-call.js';
import type { Target } from '../contracts/target.js';
import type { OutboundDialect } from './neutral/outbound-dialect.js';
import type { Answer, StreamTranslator, UpstreamAdapter } from './upstream-adapter.js';
import type { UpstreamFailure } from './upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from './upstream-transport.js';

/** A dialect whose provider has embeddings too. */
export interface EmbeddingDialect extends OutboundDialect {
  writeEmbeddings(call: InferenceCall, target: Target): UpstreamRequest;
  readEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure;
}

/** OpenAI's embeddings, of a provider that has its own wire for them. */
export class EmbeddingsAdapter implements UpstreamAdapter {
  constructor(private readonly dialect: EmbeddingDialect) {}

  encode(call: InferenceCall, target: Target): UpstreamRequest {
    return this.dialect.writeEmbeddings(call, target);
  }

  answer(call: InferenceCall, target: Target, body: Buffer): Answer | UpstreamFailure {
    return this.dialect.readEmbeddings(body, call, target);
  }

  translator(): StreamTranslator {
    throw new Error('embeddings do not stream');
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return this.dialect.explain(target, status, headers, body);
  }
}
