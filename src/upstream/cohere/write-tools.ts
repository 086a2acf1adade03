import { GatewayError } from '../../contracts/gateway-error.js';
import type { JsonObject, NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import { cannot } from './cannot.js';

/** A tool that must be called by name is the only one there is. `strict` of a tool has no word here: Cohere's `strict_tools` is for all of them. */
export function writeTools({ tools, toolChoice, parallelTools }: NeutralRequest): JsonObject {
  if (tools.length === 0) return {};
  const offered = typeof toolChoice === 'object' ? tools.filter(({ name }) => name === toolChoice.name) : tools;
  if (offered.length === 0)
    throw new GatewayError('invalid_value', 'tool_choice names a tool that is not among the tools.', { param: 'tool_choice' });
  if (parallelTools === false && offered.length > 1 && toolChoice !== 'none')
    throw cannot('parallel_tool_calls', 'may call several tools at once, and cannot be kept from it');
  return { tools: offered.map(writeTool), ...choice(toolChoice) };
}

function writeTool({ name, description, parameters }: ToolSpec): JsonObject {
  const schema = parameters ?? { type: 'object', properties: {} };
  return { type: 'function', function: { name, ...(description !== undefined && { description }), parameters: schema } };
}

function choice(toolChoice: NeutralRequest['toolChoice']): JsonObject {
  if (typeof toolChoice === 'object' || toolChoice === 'required') return { tool_choice: 'REQUIRED' };
  return toolChoice === 'none' ? { tool_choice: 'NONE' } : {};
}
