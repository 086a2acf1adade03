import type { JsonObject } from '../openai/json-value.js';

/** A tool that Google runs itself, as it spells it (`googleSearch`); clients write its names in either case. undefined: it is none that is known. */
export function googleTool(tool: JsonObject): JsonObject | undefined {
  const spelled = Object.entries(tool).map(([name, value]): [string, unknown] => [camelCase(name), value]);
  return spelled.length > 0 && spelled.every(([name]) => NAMES.has(name)) ? Object.fromEntries(spelled) : undefined;
}

const NAMES = new Set(
  'googleSearch googleSearchRetrieval googleMaps urlContext codeExecution enterpriseWebSearch computerUse fileSearch retrieval'.split(' '),
);

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
