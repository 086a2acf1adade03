import type { ReasoningEffort, ReasoningWish } from '../neutral/neutral-request.js';
import type { JsonObject } from '../openai/json-value.js';
import { modelGeneration } from './model-generation.js';

/** How much the model thinks, and that its thoughts are shown. Until 2.5 that is a number of tokens, from 3 on a word. */
export function thinkingConfig(wish: ReasoningWish | undefined, model: string): JsonObject | undefined {
  if (wish === undefined) return undefined;
  const generation = modelGeneration(model);
  // The models before did not think: there is nothing to turn off.
  if (wish.effort === 'none' && generation !== undefined && generation < 2.5) return undefined;
  const includeThoughts = wish.effort !== 'none';
  if (wish.budgetTokens !== undefined) return { thinkingBudget: wish.budgetTokens, includeThoughts };
  if (wish.effort === undefined) return generation !== undefined && generation >= 3 ? { includeThoughts } : { thinkingBudget: -1, includeThoughts };
  if (generation !== undefined && generation >= 3) return { thinkingLevel: level(wish.effort, model), includeThoughts };
  return { thinkingBudget: budget(wish.effort, model), includeThoughts };
}

/** The least that the model has in place of none: it cannot be turned off from 3 on, and the large models know no `minimal`. */
function level(effort: ReasoningEffort, model: string): string {
  switch (effort) {
    case 'none':
    case 'minimal':
      return isPro(model) ? 'low' : 'minimal';
    case 'low':
    case 'medium':
    case 'high':
      return effort;
    case 'xhigh':
      return 'high';
  }
}

/** LiteLLM's numbers; for `xhigh` the most that every model of 2.5 takes. */
function budget(effort: ReasoningEffort, model: string): number {
  switch (effort) {
    case 'none':
      return isPro(model) ? PRO_BUDGET_MIN : 0;
    case 'minimal':
      return model.includes('lite') ? LITE_BUDGET_MIN : PRO_BUDGET_MIN;
    case 'low':
      return 1024;
    case 'medium':
      return 2048;
    case 'high':
      return 4096;
    case 'xhigh':
      return 24_576;
  }
}

const PRO_BUDGET_MIN = 128;
const LITE_BUDGET_MIN = 512;

function isPro(model: string): boolean {
  return /\bpro\b/.test(model);
}
