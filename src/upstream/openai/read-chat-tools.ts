import { readCustomTool } from '../neutral/custom-tool.js';
import type { CacheMark, JsonObject, NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import type { OwnTool } from '../neutral/own-tool.js';
import type { RequestValue } from '../neutral/request-value.js';

/** `tools` and `tool_choice`, and their elders `functions` and `function_call`. Functions and custom tools can be told to every provider. */
export function readChatTools(request: RequestValue): Pick<NeutralRequest, 'tools' | 'toolChoice' | 'ownTools'> {
  const given = request.member('tools');
  if (given.isAbsent) return readChoice(request, request.member('functions').optionalList().map(readFunction));
  const list = given.list();
  const ownTools = list.filter(isOwn).map((tool): OwnTool => ({ param: tool.path, tool: plainTool(tool) }));
  const tools = list.filter((tool) => !isOwn(tool)).map(readTool);
  return { ...readChoice(request, tools), ...(ownTools.length > 0 && { ownTools }) };
}

function readChoice(request: RequestValue, tools: readonly ToolSpec[]): Pick<NeutralRequest, 'tools' | 'toolChoice'> {
  const choice = request.member('tool_choice');
  if (choice.isAbsent) return { tools, toolChoice: readLegacyChoice(request.member('function_call')) };
  if (choice.isText) return { tools, toolChoice: readWord(choice) };
  const type = choice.member('type');
  switch (type.isAbsent && !choice.member('function').isAbsent ? 'function' : type.oneOf(['function', 'custom', 'allowed_tools'])) {
    case 'function':
    case 'custom':
      return { tools, toolChoice: { name: nameOf(choice) } };
    case 'allowed_tools': {
      const allowed = choice.member('allowed_tools');
      const names = new Set(allowed.member('tools').list().map(nameOf));
      return { tools: tools.filter(({ name }) => names.has(name)), toolChoice: allowed.member('mode').oneOf(['auto', 'required']) };
    }
  }
}

function nameOf(tool: RequestValue): string {
  const custom = tool.member('custom');
  return (custom.isAbsent ? tool.member('function') : custom).member('name').word();
}

/** A wish of LiteLLM's and OpenRouter's users: the prompt up to here is to be cached. */
export function readCacheMark(value: RequestValue): CacheMark | undefined {
  return value.optionalObject() === undefined ? undefined : { ttl: value.member('ttl').optionalText() };
}

/** Google's tools have no type, Anthropic's one with a date. */
function isOwn(tool: RequestValue): boolean {
  const type = tool.member('type');
  if (!tool.isObject) return false;
  if (!type.isAbsent) return type.isText && /^[a-z_]+_\d{8}$/.test(type.text());
  return tool.member('function').isAbsent && Object.keys(tool.object()).length > 0;
}

/** A computer may also be told as LiteLLM's users do: what describes it as the parameters of a function. */
function plainTool(tool: RequestValue): JsonObject {
  const called = tool.member('function');
  if (called.isAbsent) return tool.object();
  return { type: tool.member('type').text(), name: called.member('name').word(), ...called.member('parameters').optionalObject() };
}

function readTool(tool: RequestValue): ToolSpec {
  tool.object();
  const type = tool.member('type');
  // Mistral's own library leaves the type out.
  if (type.isText && type.text() === 'custom') return readCustom(tool.member('custom'));
  const isFunction = type.isAbsent ? !tool.member('function').isAbsent : type.text() === 'function';
  if (!isFunction)
    return type.isAbsent ? type.wrong('a text') : type.refuse('only tools of the types function and custom can be used with this model.');
  const mark = tool.member('cache_control');
  return { ...readFunction(tool.member('function')), ...(!mark.isAbsent && { cache: readCacheMark(mark) }) };
}

function readCustom(tool: RequestValue): ToolSpec {
  tool.object();
  return readCustomTool(tool, tool.member('name').word(), (format) => format.member('grammar'));
}

function readFunction(value: RequestValue): ToolSpec {
  return {
    name: value.member('name').word(),
    description: value.member('description').optionalText(),
    parameters: value.member('parameters').optionalObject(),
    strict: value.member('strict').flag(),
    cache: readCacheMark(value.member('cache_control')),
  };
}

function readWord(choice: RequestValue): 'auto' | 'none' | 'required' {
  const word = choice.oneOf(['auto', 'none', 'required', 'any']);
  return word === 'any' ? 'required' : word;
}

function readLegacyChoice(choice: RequestValue): NeutralRequest['toolChoice'] {
  if (choice.isAbsent) return undefined;
  return choice.isText ? choice.oneOf(['auto', 'none']) : { name: choice.member('name').word() };
}
