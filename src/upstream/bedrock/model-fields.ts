import { claudeModel } from '../anthropic/claude-model.js';
import { toolBetas } from '../anthropic/tool-betas.js';
import { type Thinking, writeThinking } from '../anthropic/write-thinking.js';
import type { JsonObject, NeutralRequest, ReasoningWish } from '../neutral/neutral-request.js';
import type { BedrockModel } from './bedrock-model.js';
import { answersByTool, choosesInClaudesWords } from './converse-tools.js';

/** How much Claude is to think; undefined: it is not asked to, or it is another model. */
export function claudeThinking(request: NeutralRequest, id: string, model: BedrockModel): Thinking | undefined {
  if (model.family !== 'claude') return undefined;
  // Who has to call a tool cannot think before.
  const asked: NeutralRequest = answersByTool(request, model) ? { ...request, toolChoice: 'required' } : request;
  const claude = claudeModel(id);
  return writeThinking(asked, claude, request.outputTokensMax ?? claude.outputTokensMax);
}

/** `additionalModelRequestFields`: what only the API of the model itself has a word for. */
export function modelFields(request: NeutralRequest, id: string, model: BedrockModel, thinking: Thinking | undefined): JsonObject {
  const { topK, reasoning } = request;
  const limit = topK !== undefined && topK > 0 ? topK : undefined;
  switch (model.family) {
    case 'claude':
      return {
        ...(thinking !== undefined && { thinking: thinking.thinking }),
        ...(thinking?.effort !== undefined && { output_config: { effort: thinking.effort } }),
        ...(limit !== undefined && thinking === undefined && { top_k: limit }),
        ...claudeTools(request),
        ...(choosesInClaudesWords(request, model) && !answersByTool(request, model) && { tool_choice: claudeChoice(request) }),
      };
    case 'nova':
      return {
        ...(limit !== undefined && { inferenceConfig: { topK: limit } }),
        ...(id.includes('nova-2') && novaReasoning(reasoning)),
      };
    case 'gpt-oss':
      return gptReasoning(reasoning);
    case 'other':
      return limit === undefined ? {} : { [id.includes('cohere.') ? 'k' : 'top_k']: limit };
  }
}

/** What Anthropic defines itself, beside what Converse declares. */
function claudeTools({ ownTools = [], toolChoice }: NeutralRequest): JsonObject {
  if (ownTools.length === 0 || toolChoice === 'none') return {};
  return { tools: ownTools.map(({ tool }) => tool), anthropic_beta: toolBetas(ownTools) };
}

function claudeChoice({ toolChoice, parallelTools }: NeutralRequest): JsonObject {
  const oneOnly = parallelTools === false ? { disable_parallel_tool_use: true } : {};
  switch (toolChoice) {
    case undefined:
    case 'auto':
    case 'none':
      return { type: 'auto', ...oneOnly };
    case 'required':
      return { type: 'any', ...oneOnly };
  }
  return { type: 'tool', name: toolChoice.name, ...oneOnly };
}

function novaReasoning(wish: ReasoningWish | undefined): JsonObject {
  if (wish === undefined) return {};
  if (wish.effort === 'none') return { reasoningConfig: { type: 'disabled' } };
  return { reasoningConfig: { type: 'enabled', maxReasoningEffort: effortOf(wish) } };
}

function gptReasoning(wish: ReasoningWish | undefined): JsonObject {
  return wish === undefined || wish.effort === 'none' ? {} : { reasoning_effort: effortOf(wish) };
}

/** A number of tokens as the word that stands for about as many. */
function effortOf({ effort, budgetTokens }: ReasoningWish): 'low' | 'medium' | 'high' {
  switch (effort) {
    case undefined:
      return budgetTokens === undefined || (budgetTokens > 1_024 && budgetTokens <= 4_096) ? 'medium' : budgetTokens <= 1_024 ? 'low' : 'high';
    case 'none':
    case 'minimal':
    case 'low':
      return 'low';
    case 'medium':
      return 'medium';
    case 'high':
    case 'xhigh':
      return 'high';
  }
}
