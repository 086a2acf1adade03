import type { NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import type { OwnTool } from '../neutral/own-tool.js';
import type { RequestValue } from '../neutral/request-value.js';
import { readCacheControl } from './read-messages-content.js';

/**
 * Tools that the client describes can be told to every provider; those that Anthropic defines by their type alone only to whoever serves its models.
 * A search for tools says nothing here: all are offered from the beginning.
 */
export function readMessagesTools(request: RequestValue): Pick<NeutralRequest, 'tools' | 'ownTools' | 'toolChoice' | 'parallelTools'> {
  const list = request.member('tools').optionalList();
  const described = list.filter(isDescribed).map(readTool);
  const ownTools = list.filter((tool) => !isDescribed(tool) && !tool.member('type').text().startsWith('tool_search_tool_')).map(ownTool);
  const tools = { tools: described, ...(ownTools.length > 0 && { ownTools }) };
  const choice = request.member('tool_choice');
  if (choice.isAbsent) return { ...tools, toolChoice: undefined, parallelTools: undefined };
  const parallelTools = choice.member('disable_parallel_tool_use').flag() === true ? false : undefined;
  switch (choice.member('type').oneOf(['auto', 'any', 'none', 'tool'])) {
    case 'auto':
      return { ...tools, toolChoice: 'auto', parallelTools };
    case 'any':
      return { ...tools, toolChoice: 'required', parallelTools };
    case 'none':
      return { ...tools, toolChoice: 'none', parallelTools };
    case 'tool':
      return { ...tools, toolChoice: { name: choice.member('name').word() }, parallelTools };
  }
}

function isDescribed(tool: RequestValue): boolean {
  const type = tool.member('type');
  return type.isAbsent || type.text() === 'custom';
}

function ownTool(tool: RequestValue): OwnTool {
  return { param: tool.member('type').path, tool: tool.object() };
}

function readTool(tool: RequestValue): ToolSpec {
  return {
    name: tool.member('name').word(),
    description: tool.member('description').optionalText(),
    parameters: tool.member('input_schema').object(),
    strict: tool.member('strict').flag(),
    cache: readCacheControl(tool),
  };
}
