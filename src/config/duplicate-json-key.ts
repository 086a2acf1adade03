/** The path of the first key that stands twice in one object of a valid JSON text; `JSON.parse` would silently keep the last. */
export function duplicateJsonKey(json: string): string[] | undefined {
  const { done, value } = duplicateJsonKeys(json).next();
  return done === true ? undefined : value;
}

/** The paths of all of them, each time that they stand there again. */
export function* duplicateJsonKeys(json: string): Generator<string[], void> {
  const open: { keys: Set<string> | undefined; key: string }[] = [];
  for (const token of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs)) {
    const [whole, colon] = token;
    const inner = open.at(-1);
    if (whole === '{' || whole === '[') open.push({ keys: whole === '{' ? new Set() : undefined, key: '' });
    else if (whole === '}' || whole === ']') open.pop();
    else if (colon !== undefined && inner?.keys) {
      inner.key = String(JSON.parse(whole.slice(0, -colon.length)));
      if (inner.keys.has(inner.key)) yield open.filter(({ keys }) => keys).map(({ key }) => key);
      else inner.keys.add(inner.key);
    }
  }
}
