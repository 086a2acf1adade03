/** The JSON text of a tool call's arguments; undefined when it is none of an object. Empty and `null` are those of a call without any. */
export function argumentsText(text: string): string | undefined {
  const json = text.trim();
  if (json === '' || json === 'null') return '{}';
  if (!json.startsWith('{')) return undefined;
  try {
    JSON.parse(json);
    return json;
  } catch {
    return undefined;
  }
}
