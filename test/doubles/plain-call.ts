import type { InferenceCall } from '../../src/contracts/inference-call.js';

/** A call of which only the named parts matter. */
export function plainCall(part: Partial<InferenceCall> = {}): InferenceCall {
  return {
    endpoint: 'chat_completions',
    requestId: 'req-1',
    principal: { kind: 'key', id: 'p1', allowedModels: undefined, rateLimitPerMinute: 60 },
    model: 'chat',
    stream: false,
    wantsUsage: false,
    endUser: undefined,
    body: Buffer.from('{"model":"chat"}'),
    fields: new Map(),
    headers: {},
    ...part,
  };
}
