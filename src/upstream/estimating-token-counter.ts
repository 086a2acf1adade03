import type { InferenceCall } from '../contracts/inference-call.js';
import { TokenCounter } from '../contracts/token-counter.js';
import { estimateInputTokens } from './anthropic/estimate-input-tokens.js';
import { readMessagesRequest } from './anthropic/read-messages-request.js';

/** Without the model's own tokenizer: by a rule (see `estimateInputTokens`). */
export class EstimatingTokenCounter extends TokenCounter {
  override count(call: InferenceCall): number {
    return estimateInputTokens(readMessagesRequest(call, false));
  }
}
