import type { ToolSpec } from './neutral-request.js';
import type { RequestValue } from './request-value.js';

/** A tool whose input is a text, and no JSON. */
export interface CustomTool {
  readonly description: string | undefined;
  readonly format: CustomFormat | undefined;
}

export type CustomFormat = { readonly type: 'text' } | { readonly type: 'grammar'; readonly syntax: string; readonly definition: string };

/**
 * A custom tool for every wire: whoever knows such tools writes `custom`, all others a function of one text, `input`. A grammar binds only models
 * whose provider enforces it; any other has to be told of it. `grammarOf`: where a wire says a format's grammar.
 */
export function readCustomTool(tool: RequestValue, name: string, grammarOf: (format: RequestValue) => RequestValue): ToolSpec {
  const description = tool.member('description').optionalText();
  const format = readFormat(tool.member('format'), grammarOf);
  return {
    name,
    description: described(description, format),
    parameters: INPUT_ALONE,
    strict: undefined,
    cache: undefined,
    custom: { description, format },
  };
}

function readFormat(format: RequestValue, grammarOf: (format: RequestValue) => RequestValue): CustomFormat | undefined {
  if (format.isAbsent) return undefined;
  const type = format.member('type').oneOf(['text', 'grammar']);
  if (type === 'text') return { type };
  const grammar = grammarOf(format);
  return { type, syntax: grammar.member('syntax').word(), definition: grammar.member('definition').text() };
}

function described(description: string | undefined, format: CustomFormat | undefined): string | undefined {
  if (format?.type !== 'grammar') return description;
  const grammar = `The input follows this grammar (${format.syntax}):\n${format.definition}`;
  return description === undefined ? grammar : `${description}\n\n${grammar}`;
}

const INPUT_ALONE = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The input of the tool, as it is: no JSON around it.' } },
  required: ['input'],
  additionalProperties: false,
};
