import type { ToolResultPart } from '../neutral/neutral-request.js';
import { asObject, type JsonObject, parsedJson } from '../openai/json-value.js';
import { writeMedia } from './write-media.js';

/** What a tool answered. Images and files stand inside from the third generation on, beside the answer before. */
export function writeToolResult(
  result: ToolResultPart,
  call: { readonly name: string; readonly id: string | undefined },
  takesMedia: boolean,
): JsonObject[] {
  let text = '';
  const media: JsonObject[] = [];
  for (const part of result.content) {
    if (part.kind === 'text') text += part.text;
    else media.push(writeMedia(part.media));
  }
  const functionResponse = { name: call.name, response: response(text, result.isError), ...(call.id !== undefined && { id: call.id }) };
  if (media.length === 0) return [{ functionResponse }];
  return takesMedia ? [{ functionResponse: { ...functionResponse, parts: media } }] : [{ functionResponse }, ...media];
}

/** An answer is an object here: one that came as JSON text is told as it is, another text by the names that Google has for it. */
function response(text: string, isError: boolean): JsonObject {
  if (isError) return { error: text };
  const object = text.trimStart().startsWith('{') ? asObject(parsedJson(text)) : undefined;
  return object ?? { output: text };
}
