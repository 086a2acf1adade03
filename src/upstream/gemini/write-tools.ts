import { GatewayError } from '../../contracts/gateway-error.js';
import type { NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import type { JsonObject } from '../openai/json-value.js';
import { takesJsonSchema } from './generation-config.js';
import { openapiSchema } from './openapi-schema.js';

/** `functionDeclarations` and how they are to be used. That a tool is strict has no word here. */
export function writeTools({ tools, toolChoice, parallelTools }: NeutralRequest, model: string): { tools?: JsonObject[]; toolConfig?: JsonObject } {
  if (tools.length === 0) return {};
  if (parallelTools === false && tools.length > 1)
    throw new GatewayError('invalid_value', 'This model may always call several tools at once: parallel_tool_calls cannot be false.', {
      param: 'parallel_tool_calls',
    });
  const functionDeclarations = tools.map((tool, index) => declaration(tool, index, model));
  return {
    tools: [{ functionDeclarations }],
    ...(toolChoice !== undefined && { toolConfig: { functionCallingConfig: callingConfig(toolChoice) } }),
  };
}

function declaration({ name, description, parameters }: ToolSpec, index: number, model: string): JsonObject {
  return { name, ...(description !== undefined && { description }), ...(parameters !== undefined && schema(parameters, index, model)) };
}

function schema(parameters: NonNullable<ToolSpec['parameters']>, index: number, model: string): JsonObject {
  if (takesJsonSchema(model)) return Object.keys(parameters).length > 0 ? { parametersJsonSchema: parameters } : {};
  const cleaned = openapiSchema(parameters, `tools[${index}].function.parameters`);
  return cleaned === undefined || Object.keys(cleaned).length === 0 ? {} : { parameters: cleaned };
}

function callingConfig(choice: NonNullable<NeutralRequest['toolChoice']>): JsonObject {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  switch (choice) {
    case 'auto':
      return { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
  }
}
