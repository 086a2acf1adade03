import type { NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import type { RequestValue } from '../neutral/request-value.js';
import { readCacheControl } from './read-messages-content.js';

/** Only tools that the client runs itself and describes can be told to other providers. */
export function readMessagesTools(request: RequestValue): Pick<NeutralRequest, 'tools' | 'toolChoice' | 'parallelTools'> {
  const tools = request.member('tools').optionalList().map(readTool);
  const choice = request.member('tool_choice');
  if (choice.isAbsent) return { tools, toolChoice: undefined, parallelTools: undefined };
  const parallelTools = choice.member('disable_parallel_tool_use').flag() === true ? false : undefined;
  switch (choice.member('type').oneOf(['auto', 'any', 'none', 'tool'])) {
    case 'auto':
      return { tools, toolChoice: 'auto', parallelTools };
    case 'any':
      return { tools, toolChoice: 'required', parallelTools };
    case 'none':
      return { tools, toolChoice: 'none', parallelTools };
    case 'tool':
      return { tools, toolChoice: { name: choice.member('name').word() }, parallelTools };
  }
}

function readTool(tool: RequestValue): ToolSpec {
  const type = tool.member('type');
  if (!type.isAbsent && type.text() !== 'custom') return type.refuse('tools that Anthropic defines cannot be used with this model.');
  return {
    name: tool.member('name').word(),
    description: tool.member('description').optionalText(),
    parameters: tool.member('input_schema').object(),
    strict: tool.member('strict').flag(),
    cache: readCacheControl(tool),
  };
}
