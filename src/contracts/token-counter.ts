import type { InferenceCall } from './inference-call.js';

/** Counts a prompt's tokens for upstreams that cannot. Throws a `GatewayError` for a prompt that makes no sense. */
export abstract class TokenCounter {
  abstract count(call: InferenceCall): number;
}
