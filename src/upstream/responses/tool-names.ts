import type { InferenceCall } from '../../contracts/inference-call.js';
import { fieldValue } from '../../json/read-field.js';
import { asArray, asObject, asText } from '../openai/json-value.js';

/** A tool as the client of this wire knows it. */
export interface ClientTool {
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly namespace: string | undefined;
}

/**
 * What a call's tools are called on either side. Other wires know functions alone, all in one room: a custom tool is told to them as a function
 * of one text, `input`, and a tool in a namespace by both names. Made anew of the client's request wherever it is needed.
 */
export class ToolNames {
  private readonly tools = new Map<string, ClientTool>();

  static of(call: InferenceCall | undefined): ToolNames {
    const names = new ToolNames();
    const span = call?.fields.get('tools');
    // Functions alone need no table, and most lists are of them.
    if (call === undefined || span === undefined || !NEEDS_TABLE.test(call.body.toString('latin1', span.start, span.end))) return names;
    for (const item of asArray(fieldValue(call.body, call, 'tools')) ?? []) {
      const tool = asObject(item);
      if (tool?.['type'] !== 'namespace') names.add(tool, undefined);
      else for (const inner of asArray(tool['tools']) ?? []) names.add(asObject(inner), asText(tool['name']));
    }
    return names;
  }

  /** As the other wires know it. */
  static flat(name: string, namespace: string | undefined): string {
    return namespace === undefined ? name : `${namespace}__${name}`;
  }

  find(flatName: string): ClientTool {
    return this.tools.get(flatName) ?? { kind: 'function', name: flatName, namespace: undefined };
  }

  private add(tool: Readonly<Record<string, unknown>> | undefined, namespace: string | undefined): void {
    const name = asText(tool?.['name']);
    if (name === undefined) return;
    const kind = tool?.['type'] === 'custom' ? 'custom' : 'function';
    this.tools.set(ToolNames.flat(name, namespace), { kind, name, namespace });
  }
}

const NEEDS_TABLE = /"(custom|namespace)"|\\u/;
