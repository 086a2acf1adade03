import type { CacheMark, NeutralRequest, ToolSpec } from '../neutral/neutral-request.js';
import type { OwnTool } from '../neutral/own-tool.js';
import type { RequestValue } from '../neutral/request-value.js';

/** `tools` and `tool_choice`, and their elders `functions` and `function_call`. Only functions can be told to every provider. */
export function readChatTools(request: RequestValue): Pick<NeutralRequest, 'tools' | 'toolChoice' | 'ownTools'> {
  const given = request.member('tools');
  if (given.isAbsent) return readChoice(request, request.member('functions').optionalList().map(readFunction));
  const list = given.list();
  const ownTools = list.filter(isOwn).map((tool): OwnTool => ({ param: tool.path, tool: tool.object() }));
  const tools = list.filter((tool) => !isOwn(tool)).map(readTool);
  return { ...readChoice(request, tools), ...(ownTools.length > 0 && { ownTools }) };
}

function readChoice(request: RequestValue, tools: readonly ToolSpec[]): Pick<NeutralRequest, 'tools' | 'toolChoice'> {
  const choice = request.member('tool_choice');
  if (choice.isAbsent) return { tools, toolChoice: readLegacyChoice(request.member('function_call')) };
  if (choice.isText) return { tools, toolChoice: readWord(choice) };
  const type = choice.member('type');
  switch (type.isAbsent && !choice.member('function').isAbsent ? 'function' : type.oneOf(['function', 'allowed_tools'])) {
    case 'function':
      return { tools, toolChoice: { name: choice.member('function').member('name').word() } };
    case 'allowed_tools': {
      const allowed = choice.member('allowed_tools');
      const names = new Set(
        allowed
          .member('tools')
          .list()
          .map((tool) => tool.member('function').member('name').word()),
      );
      return { tools: tools.filter(({ name }) => names.has(name)), toolChoice: allowed.member('mode').oneOf(['auto', 'required']) };
    }
  }
}

/** A wish of LiteLLM's and OpenRouter's users: the prompt up to here is to be cached. */
export function readCacheMark(value: RequestValue): CacheMark | undefined {
  return value.optionalObject() === undefined ? undefined : { ttl: value.member('ttl').optionalText() };
}

/** Google's tools have no type, Anthropic's one with a date. */
function isOwn(tool: RequestValue): boolean {
  const type = tool.member('type');
  if (!tool.isObject || !tool.member('function').isAbsent) return false;
  return type.isAbsent ? Object.keys(tool.object()).length > 0 : type.isText && /^[a-z_]+_\d{8}$/.test(type.text());
}

function readTool(tool: RequestValue): ToolSpec {
  tool.object();
  const type = tool.member('type');
  // Mistral's own library leaves the type out.
  const isFunction = type.isAbsent ? !tool.member('function').isAbsent : type.text() === 'function';
  if (!isFunction) return type.isAbsent ? type.wrong('a text') : type.refuse('only tools of the type function can be used with this model.');
  const mark = tool.member('cache_control');
  return { ...readFunction(tool.member('function')), ...(!mark.isAbsent && { cache: readCacheMark(mark) }) };
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
