import type { JsonObject, NeutralRequest } from '../neutral/neutral-request.js';
import { cannot } from './cannot.js';
import { thinks } from './cohere-model.js';
import { writeMessages } from './write-messages.js';
import { writeTools } from './write-tools.js';
import { writeUnsaid } from './write-unsaid.js';

/** The body of `/v2/chat` without `stream`. Throws a 400 for what Cohere cannot do and must not be left out. */
export function writeChatBody(request: NeutralRequest, model: string): JsonObject {
  const { outputTokensMax, temperature, topP, topK, stop, seed, frequencyPenalty, presencePenalty, logprobs, choices } = request;
  if (choices > 1) throw cannot('n', 'gives one answer to a request');
  if (logprobs !== undefined && logprobs > 0) throw cannot('top_logprobs', 'tells the probability of the tokens it chose, and of no others');
  return {
    ...writeUnsaid(request),
    model,
    messages: writeMessages(request, model),
    ...writeTools(request),
    ...(outputTokensMax !== undefined && { max_tokens: outputTokensMax }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { p: topP }),
    // -1 and 0: all tokens, which is the default.
    ...(topK !== undefined && topK > 0 && { k: topK }),
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...(seed !== undefined && { seed }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(logprobs !== undefined && { logprobs: true }),
    ...responseFormat(request),
    ...thinking(request, model),
  };
}

function responseFormat({ format }: NeutralRequest): JsonObject {
  switch (format.kind) {
    case 'text':
      return {};
    case 'json':
      return { response_format: { type: 'json_object' } };
    case 'schema':
      return { response_format: { type: 'json_object', json_schema: format.schema } };
  }
}

/** Models that think do so by themselves. A wish in words is always told; a budget, which clients of other wires always send, only to them. */
function thinking({ reasoning }: NeutralRequest, model: string): JsonObject {
  if (reasoning === undefined) return {};
  const { effort, budgetTokens } = reasoning;
  if (effort === 'none') return thinks(model) ? { thinking: { type: 'disabled' } } : {};
  if (effort === undefined || reasoning.adaptive) {
    if (!thinks(model)) return {};
    return { thinking: { type: 'enabled', ...(budgetTokens !== undefined && { token_budget: budgetTokens }) } };
  }
  const budget = BUDGETS[effort];
  return { thinking: { type: 'enabled', ...(budget !== undefined && { token_budget: budget }) } };
}

/** LiteLLM's, in tokens; from `high` on as long as it takes. */
const BUDGETS = { minimal: 128, low: 1_024, medium: 2_048, high: undefined, xhigh: undefined } as const;
