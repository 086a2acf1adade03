/** Why a name cannot be given to an upstream or a route; undefined: it can. It becomes a header, a metric's label and part of a URL. */
export function nameFault(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'a name must be text';
  if (name === '' || name.trim() === '') return 'a name may not be empty';
  if (name.length > 200) return 'a name may have 200 characters at most';
  if (Object.hasOwn(Object.prototype, name)) return 'this word means something to JavaScript and cannot be a name';
  if (!/^[\x21-\x7e]+$/.test(name)) return 'a name may not hold white space, control characters or letters beyond ASCII';
  if (/[;=,"\\]/.test(name)) return 'a name may not hold any of ; = , " \\';
  if (name.startsWith('/') || name.endsWith('/')) return 'a name may not begin or end with /';
  return undefined;
}

/** The same for a key or the subject of a token, which may hold blanks inside. */
export function principalNameFault(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'a name must be text (put it into quotes)';
  if (name.trim() === '') return 'a name may not be empty';
  if (name.length > 200) return 'a name may have 200 characters at most';
  if (Object.hasOwn(Object.prototype, name)) return 'this word means something to JavaScript and cannot be a name';
  if (name !== name.trim() || /[\x00-\x1f\x7f]/.test(name)) return 'a name may not hold control characters, or blanks at its ends';
  return undefined;
}
