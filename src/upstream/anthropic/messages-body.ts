import { GatewayError } from '../../contracts/gateway-error.js';
import type { JsonObject, NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import { cacheControl } from './cache-control.js';
import { type ClaudeModel, claudeModel } from './claude-model.js';
import { JSON_TOOL } from './json-tool.js';
import { structuredSchema } from './structured-schema.js';
import { webSearchTool } from './web-search-tool.js';
import { writeThinking } from './write-thinking.js';
import { writeTurns } from './write-turns.js';
import { writeUnsaid } from './write-unsaid.js';

/**
 * The body of a request to the Messages API, without `model` and `stream`, which clouds write elsewhere. Throws a 400 for what this wire cannot
 * say. `model` decides what can be asked for.
 */
export function messagesBody(request: NeutralRequest, model: string): JsonObject {
  const claude = claudeModel(model);
  const messages = writeTurns(request.turns);
  if (messages.length === 0)
    throw new GatewayError('invalid_value', 'This model needs a message of the user beside the instructions.', { param: 'messages' });
  const outputTokensMax = request.outputTokensMax ?? claude.outputTokensMax;
  const thinking = writeThinking(request, claude, outputTokensMax);
  const isTool = request.format.kind === 'schema' && claude.structuredOutputs === 'no';
  return {
    ...writeUnsaid(request),
    max_tokens: outputTokensMax,
    ...system(request),
    messages,
    ...tools(request, claude, isTool),
    ...toolChoice(request, isTool),
    ...(thinking !== undefined && { thinking: thinking.thinking }),
    ...outputConfig(request, thinking?.effort, isTool),
    ...sampling(request, claude, thinking !== undefined),
    ...(request.user !== undefined && !IS_PERSONAL.test(request.user) && { metadata: { user_id: request.user } }),
  };
}

/** The API asks not to be told e-mail addresses and telephone numbers. */
const IS_PERSONAL = /^\S+@\S+\.\S+$|^\+?[\d\s()-]{7,}$/;
const JSON_WISH = 'Answer with one JSON object alone: no text and no code fence around it.';

function system({ system: texts, format }: NeutralRequest): { system?: readonly object[] } {
  const blocks: object[] = texts.filter(({ text }) => text !== '').map(({ text, cache }) => ({ type: 'text', text, ...cacheControl(cache) }));
  if (format.kind === 'json') blocks.push({ type: 'text', text: JSON_WISH });
  return blocks.length === 0 ? {} : { system: blocks };
}

function tools(request: NeutralRequest, { structuredOutputs }: ClaudeModel, isTool: boolean): { tools?: readonly object[] } {
  const { format } = request;
  const isStrict = structuredOutputs !== 'no';
  const written: object[] = request.tools.map((tool) => writeTool(tool, isStrict));
  if (isTool && format.kind === 'schema')
    written.push({ name: JSON_TOOL, description: format.description ?? 'Takes the answer.', input_schema: inputSchema(format.schema) });
  const search = webSearchTool(request.unsaid.get('web_search_options'));
  written.push(...(request.ownTools ?? []).map(({ tool }) => tool), ...(search === undefined ? [] : [search]));
  // A conversation in which tools were called is refused when none are declared.
  if (written.length === 0 && usedTools(request))
    written.push({ name: 'no_tool', description: 'There is nothing to call.', input_schema: { type: 'object', properties: {} } });
  return written.length === 0 ? {} : { tools: written };
}

function writeTool({ name, description, parameters, strict, cache }: ToolSpec, takesStrict: boolean): object {
  const isStrict = strict === true && takesStrict;
  const schema = inputSchema(parameters);
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: isStrict ? structuredSchema(schema) : schema,
    ...(isStrict && { strict: true }),
    ...cacheControl(cache),
  };
}

function inputSchema(schema: JsonObject | undefined): JsonObject {
  if (schema === undefined) return { type: 'object', properties: {} };
  return schema['type'] === 'object' ? schema : { ...schema, type: 'object' };
}

function usedTools({ turns }: NeutralRequest): boolean {
  return turns.some(({ parts }) => parts.some(({ kind }) => kind === 'tool_call' || kind === 'tool_result'));
}

function toolChoice(request: NeutralRequest, isTool: boolean): { tool_choice?: object } {
  const { toolChoice: wanted, parallelTools } = request;
  const hasTools = request.tools.length + (request.ownTools?.length ?? 0) > 0;
  if (isTool) return { tool_choice: hasTools ? { type: 'any' } : { type: 'tool', name: JSON_TOOL } };
  if (!hasTools) return usedTools(request) ? { tool_choice: { type: 'none' } } : {};
  const oneOnly = parallelTools === false ? { disable_parallel_tool_use: true } : {};
  switch (wanted) {
    case undefined:
      return parallelTools === false ? { tool_choice: { type: 'auto', ...oneOnly } } : {};
    case 'auto':
      return { tool_choice: { type: 'auto', ...oneOnly } };
    case 'required':
      return { tool_choice: { type: 'any', ...oneOnly } };
    case 'none':
      return { tool_choice: { type: 'none' } };
  }
  return { tool_choice: { type: 'tool', name: wanted.name, ...oneOnly } };
}

function outputConfig({ format }: NeutralRequest, effort: string | undefined, isTool: boolean): { output_config?: object } {
  const schema = format.kind === 'schema' && !isTool ? { format: { type: 'json_schema', schema: structuredSchema(format.schema) } } : {};
  const config = { ...(effort !== undefined && { effort }), ...schema };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

/** While it thinks, the model samples its own way. */
function sampling({ temperature, topP, topK, stop }: NeutralRequest, { samplesOneWay }: ClaudeModel, thinks: boolean): object {
  const both = temperature !== undefined && topP !== undefined;
  const stops = stop.filter((text) => text.trim() !== '');
  return {
    ...(temperature !== undefined && !thinks && { temperature: Math.min(temperature, 1) }),
    ...(topP !== undefined && !(thinks && topP < 0.95) && !(both && samplesOneWay) && { top_p: topP }),
    ...(topK !== undefined && topK > 0 && !thinks && { top_k: topK }),
    ...(stops.length > 0 && { stop_sequences: stops }),
  };
}
