import { JSON_TOOL } from '../anthropic/json-tool.js';
import { structuredSchema } from '../anthropic/structured-schema.js';
import type { JsonObject, NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import type { BedrockModel } from './bedrock-model.js';
import { cachePoint } from './cache-point.js';

/**
 * `toolConfig`; undefined: no tools. Bedrock has no way to say that none may be called but to leave them out, and refuses a conversation in
 * which some were called when none are declared: then one that does nothing stands in for them.
 */
export function converseTools(request: NeutralRequest, model: BedrockModel): JsonObject | undefined {
  const { format, toolChoice } = request;
  const declared = toolChoice === 'none' ? [] : request.tools;
  const isJsonTool = answersByTool(request, model);
  const tools: JsonObject[] = declared.flatMap((tool) => [writeTool(tool, model), ...cachePoint(tool.cache, model.caches === 'all')]);
  if (isJsonTool && format.kind === 'schema') tools.push(spec(JSON_TOOL, format.description ?? 'Takes the answer.', format.schema));
  if (searchesWeb(request, model)) tools.push({ systemTool: { name: 'nova_grounding' } });
  if (tools.length === 0 && usedTools(request)) tools.push(spec('no_tool', 'There is nothing to call.', undefined));
  if (tools.length === 0) return undefined;
  const choice = toolChoiceOf(request, model, declared.length > 0, isJsonTool);
  return { tools, ...(choice !== undefined && { toolChoice: choice }) };
}

/** The answer in JSON is what the model calls a tool with. */
export function answersByTool({ format }: NeutralRequest, { schemas }: BedrockModel): boolean {
  return format.kind === 'schema' && (schemas === 'tool' || schemas === 'any-tool');
}

/**
 * That one tool at a time is wanted, and which of the tools that it alone knows, only Claude can be told, in the words of its own API: they say the
 * whole choice.
 */
export function choosesInClaudesWords({ parallelTools, tools, ownTools = [], toolChoice }: NeutralRequest, { family }: BedrockModel): boolean {
  if (family !== 'claude' || toolChoice === 'none' || tools.length + ownTools.length === 0) return false;
  return parallelTools === false || (ownTools.length > 0 && toolChoice !== undefined && toolChoice !== 'auto');
}

/** Of the tools that Anthropic defines, those that the client runs are known here: in the words of Claude's own API, apart from the others. */
export function isClaudeTool({ type }: JsonObject, { family }: BedrockModel): boolean {
  return family === 'claude' && typeof type === 'string' && /^(computer|bash|text_editor|memory)_\d{8}$/.test(type);
}

/** Amazon's models search by a tool of the provider's own, which LiteLLM's users ask for as OpenAI's do. */
export function searchesWeb({ unsaid }: NeutralRequest, { family }: BedrockModel): boolean {
  return family === 'nova' && unsaid.has('web_search_options');
}

function writeTool({ name, description, parameters, strict }: ToolSpec, { takesStrict }: BedrockModel): JsonObject {
  const isStrict = strict === true && takesStrict;
  const { toolSpec } = spec(name, description, isStrict && parameters !== undefined ? structuredSchema(parameters) : parameters);
  return { toolSpec: { ...toolSpec, ...(isStrict && { strict: true }) } };
}

function spec(name: string, description: string | undefined, schema: JsonObject | undefined): { readonly toolSpec: JsonObject } {
  const json = schema === undefined ? { type: 'object', properties: {} } : schema['type'] === 'object' ? schema : { ...schema, type: 'object' };
  return { toolSpec: { name, ...(description !== undefined && description !== '' && { description }), inputSchema: { json } } };
}

function usedTools({ turns }: NeutralRequest): boolean {
  return turns.some(({ parts }) => parts.some(({ kind }) => kind === 'tool_call' || kind === 'tool_result'));
}

function toolChoiceOf(request: NeutralRequest, model: BedrockModel, hasTools: boolean, isJsonTool: boolean): JsonObject | undefined {
  const hasOthers = hasTools || (request.ownTools ?? []).length > 0;
  if (isJsonTool) return hasOthers || model.schemas === 'any-tool' ? { any: {} } : { tool: { name: JSON_TOOL } };
  if (!hasTools || choosesInClaudesWords(request, model)) return undefined;
  switch (request.toolChoice) {
    case undefined:
    case 'none':
      return undefined;
    case 'auto':
      return { auto: {} };
    case 'required':
      return { any: {} };
  }
  return { tool: { name: request.toolChoice.name } };
}
