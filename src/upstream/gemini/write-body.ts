import type { NeutralRequest } from '../neutral/neutral-request.js';
import { asArray, type JsonObject } from '../openai/json-value.js';
import { generationConfig } from './generation-config.js';
import { googleTool } from './google-tool.js';
import { unsaidParameters } from './unsaid-parameters.js';
import { writeContents } from './write-contents.js';
import { writeTools } from './write-tools.js';

/** A `GenerateContentRequest`, the same at both of Google's addresses. Throws a 400 that names what Gemini cannot take. */
export function writeBody(request: NeutralRequest, { model, isVertex }: { readonly model: string; readonly isVertex: boolean }): JsonObject {
  const unsaid = unsaidParameters(request, isVertex);
  const { tools = [], toolConfig } = writeTools(request, model);
  const own = (request.ownTools ?? []).map(({ tool }) => googleTool(tool));
  const allTools = [...tools, ...own, ...(asArray(unsaid['tools']) ?? [])];
  const config = generationConfig(request, model);
  const system = request.system.filter(({ text }) => text !== '').map(({ text }) => ({ text }));
  const contents = writeContents(request.turns, model);
  return {
    // Gemini answers nothing where nobody speaks: instructions alone are the question.
    ...(contents.length > 0 || system.length === 0 ? { contents } : { contents: [{ role: 'user', parts: system }] }),
    ...(contents.length > 0 && system.length > 0 && { systemInstruction: { parts: system } }),
    ...unsaid,
    ...(allTools.length > 0 && { tools: allTools }),
    ...(toolConfig !== undefined && { toolConfig }),
    ...(config !== undefined && { generationConfig: config }),
  };
}
