import { MockRefusal } from './mock-refusal.js';
import { isObject, type JsonObject } from './mock-request.js';
import { sampleOfSchema } from './sample-of-schema.js';

export interface MockToolCall {
  readonly name: string;
  readonly arguments: string;
}

/** The call that `tool_choice` demands: of the tool it names, or with `required` of the first. Else none: the mock answers in words. */
export function demandedToolCall(body: JsonObject): MockToolCall | undefined {
  const tools = functionsOf(body['tools'] ?? []);
  const choice = body['tool_choice'];
  if (choice === undefined || choice === null || choice === 'none' || choice === 'auto') return undefined;
  const wanted = choice === 'required' ? tools[0] : tools.find((tool) => tool['name'] === nameIn(choice));
  if (wanted === undefined) throw MockRefusal.wrongValue('tool_choice', "'none', 'auto', 'required', or the name of one of 'tools'");
  return { name: String(wanted['name']), arguments: JSON.stringify(sampleOfSchema(wanted['parameters'] ?? {})) };
}

function functionsOf(tools: unknown): JsonObject[] {
  if (!Array.isArray(tools)) throw MockRefusal.wrongKind('tools', 'an array of objects', tools);
  return tools.map((tool: unknown, index) => {
    const inner = isObject(tool) ? tool['function'] : undefined;
    if (!isObject(inner) || typeof inner['name'] !== 'string') throw MockRefusal.missing(`tools[${index}].function.name`);
    return inner;
  });
}

function nameIn(choice: unknown): unknown {
  const inner = isObject(choice) ? choice['function'] : undefined;
  return isObject(inner) ? inner['name'] : undefined;
}
