import { readCustomTool } from '../neutral/custom-tool.js';
import type { NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import type { RequestValue } from '../neutral/request-value.js';
import type { HostedTools } from './hosted-tools.js';
import { ToolNames } from './tool-names.js';

/** `tools` and `tool_choice`, in the flat form of this wire. */
export function readResponsesTools(request: RequestValue, hosted: HostedTools): Pick<NeutralRequest, 'tools' | 'toolChoice'> {
  const tools = request
    .member('tools')
    .optionalList()
    .flatMap((tool) => readTool(tool, hosted, undefined));
  const choice = request.member('tool_choice');
  if (choice.isAbsent) return { tools, toolChoice: undefined };
  // Without a tool there is no choice: what is left of it is an error to most providers.
  if (choice.isText) {
    const word = choice.oneOf(['auto', 'none', 'required']);
    return { tools, toolChoice: tools.length === 0 && word !== 'required' ? undefined : word };
  }
  const type = choice.member('type');
  switch (type.text()) {
    case 'function':
    case 'custom':
      return { tools, toolChoice: { name: nameOf(choice) } };
    case 'allowed_tools': {
      const names = new Set(choice.member('tools').list().map(nameOf));
      return { tools: tools.filter(({ name }) => names.has(name)), toolChoice: choice.member('mode').oneOf(['auto', 'required']) };
    }
  }
  return type.refuse('with this model, only tools of the types function and custom can be chosen.');
}

function nameOf(value: RequestValue): string {
  return ToolNames.flat(value.member('name').word(), value.member('namespace').optionalText());
}

function readTool(tool: RequestValue, hosted: HostedTools, namespace: string | undefined): ToolSpec[] {
  const type = tool.member('type');
  const kind = tool.isObject ? type.text() : tool.wrong('an object');
  switch (kind) {
    case 'function':
      return [
        {
          name: ToolNames.flat(tool.member('name').word(), namespace),
          description: tool.member('description').optionalText(),
          parameters: tool.member('parameters').optionalObject(),
          strict: tool.member('strict').flag(),
          cache: undefined,
        },
      ];
    case 'custom':
      return [readCustomTool(tool, ToolNames.flat(tool.member('name').word(), namespace), (format) => format)];
    case 'namespace': {
      const name = tool.member('name').word();
      return tool
        .member('tools')
        .list()
        .flatMap((inner) => readTool(inner, hosted, name));
    }
  }
  if (hosted === 'left_out') return [];
  const name = /^[\w.-]{1,64}$/.test(kind) ? kind : 'this tool';
  return type.refuse(
    `${name} is run by providers that serve the Responses API themselves, and this model is served otherwise. Leave the tool out, or use another model.`,
  );
}
