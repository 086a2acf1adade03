import { isMarked } from '../neutral/marked-signature.js';
import type { NeutralRequest, ReasoningEffort, ReasoningWish } from '../neutral/neutral-request.js';
import type { ClaudeModel } from './claude-model.js';

export interface Thinking {
  readonly thinking: object;
  readonly effort: string | undefined;
}

/**
 * How much the model is to think; undefined: it is not asked to. A wish in words becomes what LiteLLM's users know (1,024 tokens for low, 2,048,
 * 4,096, and 8,192 for more than high), never less than the 1,024 that are the least, and never the whole answer; a number goes as it is.
 * Not asked where the API would refuse: with a tool that must be called, or when an earlier call's thoughts did not come back.
 */
export function writeThinking(request: NeutralRequest, model: ClaudeModel, outputTokensMax: number): Thinking | undefined {
  const { reasoning, toolChoice } = request;
  if (reasoning === undefined || reasoning.effort === 'none' || toolChoice === 'required' || typeof toolChoice === 'object') return undefined;
  const { effort, budgetTokens } = reasoning;
  if (model.thinksAdaptively && (budgetTokens === undefined || model.thinksAdaptivelyOnly))
    return { thinking: { type: 'adaptive' }, effort: effort && effortWord(effort, model) };
  if (lacksThoughts(request)) return undefined;
  const budget = budgetTokens ?? Math.min(budgetOf(reasoning), outputTokensMax - 1);
  return budget < BUDGET_MIN && budgetTokens === undefined ? undefined : { thinking: { type: 'enabled', budget_tokens: budget }, effort: undefined };
}

const BUDGET_MIN = 1_024;

function budgetOf({ effort }: ReasoningWish): number {
  switch (effort) {
    case 'none':
    case 'minimal':
    case 'low':
      return BUDGET_MIN;
    case 'medium':
    case undefined:
      return 2_048;
    case 'high':
      return 4_096;
    case 'xhigh':
      return 8_192;
  }
}

function effortWord(effort: ReasoningEffort, { thinksAdaptivelyOnly }: ClaudeModel): string {
  switch (effort) {
    case 'none':
    case 'minimal':
    case 'low':
      return 'low';
    case 'medium':
    case 'high':
      return effort;
    case 'xhigh':
      return thinksAdaptivelyOnly ? 'xhigh' : 'max';
  }
}

/** The last answer called tools, and what was thought before it is missing: the API refuses to go on thinking. */
function lacksThoughts({ turns }: NeutralRequest): boolean {
  const last = turns.findLast(({ role }) => role === 'assistant');
  if (last === undefined || !last.parts.some(({ kind }) => kind === 'tool_call')) return false;
  return !last.parts.some((part) => {
    const own = part.kind === 'reasoning' ? (part.redacted ?? part.signature) : undefined;
    return own !== undefined && !isMarked(own);
  });
}
